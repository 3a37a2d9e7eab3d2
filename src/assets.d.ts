/** Types of the modules that files which are not code are compiled to (assets/compile.ts). */
declare module '*/lesson.md' {
  const words: import('./lesson/format/words.ts').LessonWords;
  export default words;
}
declare module '*/log-notes.yaml' {
  const notes: readonly import('./postgres/log/notes.ts').LogNote[];
  export default notes;
}
declare module '*.sql' {
  const text: string;
  export default text;
}
declare module '*.sh' {
  const text: string;
  export default text;
}
