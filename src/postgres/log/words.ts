/**
 * The words before a message, in the languages of PostgreSQL 12 to 18 (lc_messages). They are recognised only directly
 * after the prefix of a line. The message itself is not translated: no note fits it.
 */
import type { LogLevel } from './lines/record.ts';

type LogPart = 'detail' | 'hint' | 'context' | 'statement';

const levels: Readonly<Record<LogLevel, string>> = {
  DEBUG: 'DEBUG DEPURAÇÃO გამართვა 디버그 ОТЛАДКА НАЛАГОДЖЕННЯ 调试',
  INFO: 'INFO INFORMACJA BİLGİ ИНФОРМАЦИЯ ІНФОРМАЦІЯ ინფორმაცია 정보 信息',
  NOTICE: 'NOTICE HINWEIS NOTIFICA UWAGA NOTA NOTIS NOT POZNÁMKA ЗАМЕЧАНИЕ ПОВІДОМЛЕННЯ 알림 注意',
  WARNING:
    'WARNING WARNUNG ATTENTION ATTENZIONE ADVERTENCIA AVISO OSTRZEŻENIE PERINGATAN VARNING UYARI VAROVÁNÍ ПРЕДУПРЕЖДЕНИЕ ПОПЕРЕДЖЕННЯ გაფრთხილება 경고 警告',
  ERROR: 'ERROR FEHLER ERREUR ERRORE ERRO FEL HATA BŁĄD CHYBA ОШИБКА ПОМИЛКА შეცდომა 오류 错误 エラー',
  LOG: 'LOG LOGG DZIENNIK СООБЩЕНИЕ ЗАПИСУВАННЯ ЗАПИС ჟურნალი 로그 日志 ログ',
  FATAL: 'FATAL FATALE FATALT KATASTROFALNY ÖLÜMCÜL ВАЖНО ФАТАЛЬНО ფატალური 치명적오류 致命错误',
  PANIC: 'PANIC PANIK PANICO PÁNICO PANIKA PÂNICO KRİTİK ПАНИКА ПАНІКА პანიკა 손상 比致命错误还过分的错误',
};

const parts: Readonly<Record<string, readonly [LogPart, string]>> = {
  DETAIL: [
    'detail',
    'DETAIL DETALLE DÉTAIL DETIL DETTAGLI DETALHE DETALJ SZCZEGÓŁY AYRINTI ПОДРОБНОСТИ ВІДОМОСТІ ДЕТАЛІ 詳細 დეტალები 상세정보 详细信息',
  ],
  HINT: [
    'hint',
    'HINT TIPP TIPS ASTUCE SUGERENCIA SUGGERIMENTO PETUNJUK PODPOWIEDŹ DICA DOPORUČENÍ İPUCU ПОДСКАЗКА УКАЗІВКА ПІДКАЗКА ヒント მინიშნება 힌트 提示',
  ],
  CONTEXT: [
    'context',
    'CONTEXT ZUSAMMENHANG CONTEXTO CONTEXTE CONTESTO KONTEKS KONTEKST KONTEXT ORTAM КОНТЕКСТ 文脈 コンテキスト კონტექსტი 내용 上下文',
  ],
  STATEMENT: [
    'statement',
    'STATEMENT ANWEISUNG SENTENCIA INSTRUCTION ISTRUZIONE PERNYATAAN WYRAŻENIE COMANDO SATS PŘÍKAZ KOMUT ОПЕРАТОР ІНСТРУКЦІЯ 文 ステートメント ოპერატორი 语句',
  ],
  QUERY: ['context', 'QUERY ANFRAGE CONSULTA REQUÊTE ZAPYTANIE FRÅGA SORGU ЗАПРОС ЗАПИТ 問い合わせ მოთხოვნა 쿼리 查询'],
  LOCATION: [
    'context',
    'LOCATION ORT UBICACIÓN EMPLACEMENT POSIZIONE LOKASI POZYCJA LOCAL PLATS YER ПОЛОЖЕНИЕ РОЗТАШУВАННЯ 場所 მდებარეობა 위치 位置',
  ],
  BACKTRACE: ['context', 'BACKTRACE СТЕК ВІДСТЕЖУВАТИ バックトレース სტეკი 역추적'],
};

/** Terms of several words, which a list separated by blanks cannot contain. */
const phrases = {
  level: [['ÖLÜMCÜL (FATAL)', 'FATAL']],
  part: [
    ['명령 구문', 'STATEMENT'],
    ["PILE D'APPEL", 'BACKTRACE'],
  ],
} as const;

const english = new Set([...Object.keys(levels), ...Object.keys(parts)]);

/**
 * The meaning of such a word: the level of a record, or the part that it adds to the record above. `english`: the word
 * is English, perhaps in other languages too.
 */
export type HeadWord = {
  readonly level: LogLevel | null;
  readonly part: LogPart | null;
  readonly word: string; // 'DETAIL' for 'DÉTAIL'
  readonly english: boolean;
};

export const headWords: ReadonlyMap<string, HeadWord> = new Map<string, HeadWord>([
  ...Object.entries(levels).flatMap(([word, all]) =>
    all.split(' ').map((each): [string, HeadWord] => [each, ofLevel(word as LogLevel, each)]),
  ),
  ...[1, 2, 3, 4, 5].map((depth): [string, HeadWord] => [`DEBUG${depth}`, { ...ofLevel('DEBUG', 'DEBUG') }]),
  ...Object.entries(parts).flatMap(([word, [, all]]) =>
    all.split(' ').map((each): [string, HeadWord] => [each, ofPart(word, each)]),
  ),
  ...phrases.level.map(([each, word]): [string, HeadWord] => [each, ofLevel(word, each)]),
  ...phrases.part.map(([each, word]): [string, HeadWord] => [each, ofPart(word, each)]),
]);

function ofLevel(level: LogLevel, word: string): HeadWord {
  return { level, part: null, word: level, english: english.has(word) };
}

function ofPart(name: string, word: string): HeadWord {
  return { level: null, part: parts[name]?.[0] ?? null, word: name, english: english.has(word) };
}
