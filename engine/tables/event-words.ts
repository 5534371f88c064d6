import type { EVENT_LEVELS } from "./host-tables.ts";

export type EventLevel = (typeof EVENT_LEVELS)[number];

/** Level words of the Event Viewer by display language: en, de, fr, es, it, pt, nl, pl, ru, tr, sv, da, nb, fi, cs, hu, ja, zh, ko. */
const LEVELS: Readonly<Record<EventLevel, string>> = {
  critical:
    "Critical|Kritisch|Critique|Crítico|Critico|Kritiek|Krytyczne|Krytyczny|Критический|Критическое|Kritik|Kritiskt|Kritisk|Kriittinen|Kritická|Kritikus|重大|关键|嚴重|위험",
  error: "Error|Fehler|Erreur|Errore|Erro|Fout|Błąd|Ошибка|Hata|Fel|Fejl|Feil|Virhe|Chyba|Hiba|エラー|错误|錯誤|오류",
  warning:
    "Warning|Warnung|Avertissement|Advertencia|Avviso|Aviso|Waarschuwing|Ostrzeżenie|Предупреждение|Uyarı|Varning|Advarsel|Varoitus|Upozornění|Figyelmeztetés|警告|경고",
  information:
    "Information|Informationen|Informations|Información|Informazioni|Informações|Informação|Informatie|Informacje|Сведения|Bilgi|Oplysninger|Informasjon|Tiedot|Informace|Információ|情報|信息|資訊|정보",
  verbose:
    "Verbose|Ausführlich|Commentaires|Détaillé|Detallado|Dettagliato|Detalhado|Uitgebreid|Pełne|Подробности|Ayrıntılı|Utförlig|Detaljeret|Detaljert|詳細|详细|자세히",
  audit_success:
    "Audit Success|Success Audit|SuccessAudit|Überwachung erfolgreich|Erfolgsüberwachung|Succès de l'audit|Auditoría correcta|Auditoría de aciertos|Controllo riuscito|Sucesso da Auditoria|Controle geslaagd|Sukcesy inspekcji|Аудит успеха|Denetim Başarısı",
  audit_failure:
    "Audit Failure|Failure Audit|FailureAudit|Überwachung gescheitert|Fehlerüberwachung|Échec de l'audit|Error de auditoría|Auditoría de errores|Controllo non riuscito|Falha de Auditoria|Controle mislukt|Niepowodzenia inspekcji|Аудит отказа|Denetim Başarısız",
};

export type EventKey = "channel" | "provider" | "date" | "event_id" | "level" | "computer" | "description" | "other";

/** Captions of an event's fields where it is copied or printed as text, same languages as far as known. `other` ones are read past. */
const CAPTIONS: Readonly<Record<EventKey, string>> = {
  channel:
    "Log Name|Protokollname|Nom du journal|Nombre de registro|Nome registro|Nome do Log|Nome do Registo|Logboeknaam|Nazwa dziennika|Имя журнала|Günlük Adı|Loggnamn|Lognavn|Loggnavn|Název protokolu|Naplónév",
  provider: "Source|Event Source|Quelle|Origen|Origine|Fonte|Origem|Bron|Źródło|Источник|Kaynak|Källa|Kilde|Zdroj|Forrás",
  date: "Date|Logged|Datum|Fecha|Data|Дата|Tarih|Dato|Dátum",
  event_id:
    "Event ID|EventID|Ereignis-ID|ID de l'événement|Id. del evento|Id. de evento|ID evento|Identificação do Evento|ID do Evento|ID do evento|Gebeurtenis-id|Gebeurtenis-ID|Identyfikator zdarzenia|Код события|Olay Kimliği|Händelse-ID|Hændelses-id|Hendelses-ID|ID události|Eseményazonosító",
  level: "Level|Event Type|Ebene|Niveau|Nivel|Livello|Nível|Poziom|Уровень|Düzey|Nivå|Úroveň|Szint",
  computer: "Computer|Ordinateur|Equipo|Computador|Komputer|Компьютер|Bilgisayar|Dator|Datamaskin|Počítač|Számítógép",
  description:
    "Description|Details|Beschreibung|Descripción|Descrizione|Descrição|Beschrijving|Opis|Описание|Açıklama|Beskrivning|Beskrivelse|Popis|Leírás",
  other:
    "Task Category|Task|Category|Keywords|Keyword|User|User Name|Opcode|OpCode|Aufgabenkategorie|Schlüsselwörter|Benutzer|Catégorie|Catégorie de la tâche|Mots clés|Utilisateur|Categoría de la tarea|Palabras clave|Usuario|Categoria attività|Parole chiave|Utente|Categoria da Tarefa|Palavras-chave|Usuário|Taakcategorie|Trefwoorden|Gebruiker|Kategoria zadania|Słowa kluczowe|Użytkownik|Категория задачи|Ключевые слова|Пользователь|Görev Kategorisi|Anahtar Sözcükler|Kullanıcı",
};

const plain = (word: string) => word.normalize("NFC").replaceAll("’", "'").replace(/\s+/g, " ").trim().toLowerCase();

function byWord<K extends string>(words: Readonly<Record<K, string>>): Map<string, K> {
  return new Map(
    (Object.entries(words) as [K, string][]).flatMap(([key, list]) => list.split("|").map((word) => [plain(word), key] as const)),
  );
}

const LEVEL_OF = byWord(LEVELS);
const KEY_OF = byWord(CAPTIONS);

/** The level a word of any known language stands for; null if it cannot be mapped. */
export function eventLevel(word: string): EventLevel | null {
  return LEVEL_OF.get(plain(word)) ?? null;
}

/** Level by the number events carry (MS-EVEN6); 0 is "always log", which the Event Viewer shows as information. */
function eventLevelNumber(level: number): EventLevel | null {
  return (["information", "critical", "error", "warning", "information", "verbose"] as const)[level] ?? null;
}

const AUDIT_FAILURE = 0x10n;
const AUDIT_SUCCESS = 0x20n;

/** Level of an event by its keywords, whose upper bits mark audits, or else by its number; null where neither tells. */
export function eventLevelOf(keywords: bigint | null, level: number | null): EventLevel | null {
  const audit = keywords === null ? 0n : (keywords >> 48n) & 0xffn;
  if (audit & AUDIT_SUCCESS) return "audit_success";
  if (audit & AUDIT_FAILURE) return "audit_failure";
  return level === null ? null : eventLevelNumber(level);
}

/** What a caption such as `Ereignis-ID` stands for; null if it is none. */
export function eventKey(caption: string): EventKey | null {
  return KEY_OF.get(plain(caption)) ?? null;
}

/** Whether a line announces the event's XML: `Event Xml:`, `Ereignis-XML:`, `XML de l’événement :`. */
export function announcesEventXml(line: string): boolean {
  return line.length < 80 && /^\s*(?:[\p{L} ]{2,30}[ -])?XML\b[^:<>]{0,40}:\s*$/iu.test(line);
}
