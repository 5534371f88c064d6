import type { SOCKET_STATES } from "./host-tables.ts";

export type SocketState = (typeof SOCKET_STATES)[number];

/**
 * Words that tools print for TCP states, by the state as `netstat` spells it in English. Most Windows languages keep the English
 * words; German, Polish, Czech and a few more translate them. Linux `netstat` and `ss` have spellings of their own.
 */
const WORDS: Readonly<Record<SocketState, readonly string[]>> = {
  LISTENING: [
    "LISTEN",
    "ABHÖREN",
    "ABHOEREN",
    "ESCUCHANDO",
    "EN_ESCUCHA",
    "NASŁUCHIWANIE",
    "NASLOUCHÁNÍ",
    "NASLOUCHANI",
    "FIGYELÉS",
    "DİNLENİYOR",
    "DİNLİYOR",
    "DINLENIYOR",
    "ESCUTA",
    "ÉCOUTE",
    "IN_ASCOLTO",
    "LYTTER",
    "LYSSNAR",
    "KUUNTELEE",
  ],
  ESTABLISHED: [
    "ESTAB",
    "HERGESTELLT",
    "VERBUNDEN",
    "ESTABLECIDO",
    "ESTABELECIDO",
    "USTANOWIONO",
    "NAVÁZÁNO",
    "NAVAZANO",
    "LÉTREHOZVA",
    "KURULDU",
    "ÉTABLIE",
    "STABILITA",
    "ETABLERAD",
  ],
  SYN_SENT: ["SYN_SEND", "SYN_GESENDET"],
  SYN_RECEIVED: ["SYN_RECV", "SYN_RCVD", "SYN_EMPFANGEN"],
  FIN_WAIT_1: ["FIN_WAIT1", "FIN_WARTEN_1"],
  FIN_WAIT_2: ["FIN_WAIT2", "FIN_WARTEN_2"],
  TIME_WAIT: ["TIMED_WAIT", "WARTEND", "CZAS_OCZEKIWANIA"],
  CLOSE_WAIT: ["SCHLIESSEN_WARTEN"],
  CLOSING: ["SCHLIESSEND"],
  LAST_ACK: ["LETZTE_BESTÄTIGUNG", "LETZTES_ACK"],
  CLOSED: ["CLOSE", "GESCHLOSSEN"],
  BOUND: ["GEBUNDEN"],
};

const BY_WORD = new Map(
  Object.entries(WORDS).flatMap(([state, words]) => [state, ...words].map((word) => [word, state as SocketState] as const)),
);

/** The state a word of any language stands for; null for a word that cannot be mapped, so that a query on it is unknown rather than false. */
export function socketState(word: string): SocketState | null {
  return BY_WORD.get(word.toUpperCase().replaceAll("-", "_").normalize("NFC")) ?? null;
}
