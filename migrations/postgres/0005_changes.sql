-- Whoever changes a tag tells every server that listens, whatever program it is. Nothing is told before the transaction is committed.

CREATE FUNCTION stowaway_tag_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('stowaway_tags', COALESCE(NEW.tag, OLD.tag));
    RETURN NULL;
END
$$;

CREATE TRIGGER tags_changed AFTER INSERT OR UPDATE OR DELETE ON tags
    FOR EACH ROW EXECUTE FUNCTION stowaway_tag_changed();
