import { describe, expect, it } from 'vitest';
import { ApiProblem, filesOf, readProblem } from './problem.ts';

const problem = (detail: string, members = {}) => new ApiProblem(422, 'layout', 'Layout', detail, members);

describe('problems', () => {
  it('are read from the document', () => {
    const body = JSON.stringify({
      type: 'urn:problem-type:stowaway:token-expired',
      title: 'The token has expired',
      status: 401,
      detail: 'The token a was good until yesterday: make another.',
      instance: '/api/tags',
      expired: '2026-01-01T00:00:00Z',
    });
    const read = readProblem(401, body);
    expect(read).toMatchObject({ code: 'token-expired', title: 'The token has expired', endsSession: true });
    expect(read.message).toBe('The token a was good until yesterday: make another.');
    expect(read.members).toEqual({ expired: '2026-01-01T00:00:00Z' });
  });

  it.each(['', '<html>Bad gateway</html>', '[]', 'null', '"x"', '{"type":3,"detail":{}}'])(
    'are made of an answer that is none: %s',
    (body) => {
      const read = readProblem(502, body);
      expect(read).toMatchObject({
        status: 502,
        code: '',
        title: 'The server answered 502',
        isPassing: true,
      });
      expect(read.message).not.toBe('');
    },
  );

  it('say how long to wait', () => {
    expect(readProblem(429, '{}', '5').retryAfterMs).toBe(5000);
    expect(readProblem(429, '{}').retryAfterMs).toBeUndefined();
    expect(readProblem(429, '{}', 'Sun, 29 Nov 2026 22:00:00 GMT').retryAfterMs).toBeUndefined();
  });

  it('pass, or do not', () => {
    for (const status of [408, 409, 423, 429, 500, 503]) expect(readProblem(status, '').isPassing).toBe(true);
    for (const status of [400, 401, 403, 404, 413, 422, 507])
      expect(readProblem(status, '').isPassing).toBe(false);
    const damaged = '{"type":"urn:problem-type:stowaway:stored-bytes-damaged"}';
    expect(readProblem(500, damaged).isPassing).toBe(false);
  });

  it('are shown with the files that they name', () => {
    const paths = ['a.mp4', 'b/a.mp4', 'a.mp4.vtt', 'cover.jpg', 'cover.png'];
    expect(filesOf(problem('cover.jpg and cover.png are both the cover: keep one of them.'), paths)).toEqual([
      'cover.jpg',
      'cover.png',
    ]);
    expect(filesOf(problem('It cannot be read: b/a.mp4.'), paths)).toEqual(['b/a.mp4']);
    expect(filesOf(problem('tag.toml has a section for "a.mp4", which is damaged'), paths)).toEqual([
      'a.mp4',
    ]);
    expect(filesOf(problem('Wrong.', { files: ['a.mp4.vtt', 3] }), paths)).toEqual(['a.mp4.vtt']);
    expect(filesOf(problem('Wrong.', { path: 'cover.png' }), paths)).toEqual(['cover.png']);
    expect(filesOf(problem('Nothing.'), paths)).toEqual([]);
  });
});
