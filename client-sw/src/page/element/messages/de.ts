/** The elements' texts in German. */
import type { Messages } from '../api.ts';

export const GERMAN: Messages = {
  download: 'Herunterladen',
  downloadWithSize: '{size} herunterladen',
  pause: 'Anhalten',
  resume: 'Fortsetzen',
  cancel: 'Abbrechen',
  remove: 'Entfernen',
  removeConfirm: '{size} von diesem Gerät entfernen?',
  keep: 'Behalten',
  retry: 'Noch einmal versuchen',
  complete: 'Offline verfügbar',
  progress: '{done} von {total}',
  preparing: 'Beginnt …',
  verifying: 'Wird geprüft …',
  pausedByUser: 'Angehalten',
  pausedByBrowser: 'Im Browser angehalten',
  pausedOffline: 'Wartet auf das Netz',
  pausedMetered: 'Wartet auf ein Netz, das nichts kostet',
  pausedBattery: 'Wartet auf den Akku',
  repairing: 'Wird repariert, {done} von {total}',
  stale: 'Dieser Download ist abgelaufen. Erneuern Sie ihn, um ihn abzuspielen.',
  renew: 'Erneuern',
  announceStarted: '{title} wird heruntergeladen, {total}.',
  announceQuarter: '{title}: {percent} heruntergeladen.',
  announceComplete: '{title} ist offline verfügbar.',
  announceRemoved: '{title} wurde von diesem Gerät entfernt.',
  update: 'Aktualisieren, {size}',
  libraryEmpty: 'Auf diesem Gerät ist noch nichts gespeichert.',
  storageUsed: '{used} heruntergeladen. {free} für diese Website frei.',
  storageUnknown: '{used} heruntergeladen.',
  persistAsk: 'Auch bei Platzmangel behalten',
  persisted: 'Der Browser behält das, bis Sie es entfernen.',
  persistRefused:
    'Der Browser lehnt das vorerst ab. Vielleicht stimmt er zu, wenn Sie diese Website öfter nutzen oder installiert haben.',
  reportCopy: 'Bericht für den Support kopieren',
  reportCopied: 'Der Bericht ist kopiert. Was Sie heruntergeladen haben, steht nicht darin.',
  reportHere: 'Diesen Text kopieren:',
  progressLabel: 'Download von {title}',
  failed: 'Der Download ist stehen geblieben.',
  errorQuota:
    'Auf diesem Gerät ist nicht genug Platz. Geben Sie Platz frei und versuchen Sie es noch einmal.',
  errorNetwork: 'Der Server antwortet nicht. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
  errorNotFound:
    'Was dieser Download braucht, gibt es nicht mehr. Laden Sie die Seite neu und versuchen Sie es noch einmal.',
  errorForbidden:
    'Der Server verweigert diesen Download. Melden Sie sich neu an und versuchen Sie es noch einmal.',
  errorServer: 'Der Server hat eine Störung. Versuchen Sie es später noch einmal.',
  errorDamaged: 'Eine Datei kommt immer wieder beschädigt an. Versuchen Sie es in einem anderen Netz.',
  errorStorage:
    'Der Browser konnte den Download nicht speichern. Verlassen Sie den privaten Modus oder geben Sie Platz frei.',
  errorUnsupported:
    'Diese Seite kann keine Downloads aufbewahren. Öffnen Sie sie über https in einem aktuellen Browser.',
  errorExpired: 'Das ist abgelaufen. Laden Sie die Seite neu, um zu sehen, was aktuell ist.',
  errorManifest: 'Der Server beschreibt diesen Download falsch.',
};
