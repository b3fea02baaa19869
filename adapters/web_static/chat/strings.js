// Every word of the interface, in the six languages. Nothing else in the widget holds words, but the
// loader (../widget.js), which must not wait for a module.

/** @import { Lang } from "./types.js" */

/**
 * @typedef {typeof ja} Strings
 */

const ja = {
  name: "とちまど",
  title: "とちまど｜栃木県の手続き・窓口案内",
  tagline: "栃木県の手続き・窓口案内",
  language: "言語",
  close: "閉じる",
  conversation: "会話",
  you: "あなた",
  input: "質問",
  placeholder: "質問を入力してください",
  send: "送信",
  note: "自動応答です。人は読んでいません。個人情報は入力しないでください。",
  waiting: "回答を準備しています",
  choices: "選択肢",
  chosen: "選択済み",
  phones: "電話番号",
  links: "リンク",
  newTab: "新しいタブで開きます",
  urgent: "緊急のご案内",
  retry: "もう一度送る",
  offline: "インターネットにつながりません。つながってから、もう一度送ってください。",
  timeout: "時間がかかりすぎたため、回答を受け取れませんでした。",
  busy: "混み合っています。少し待ってから、もう一度送ってください。",
  tooLong: "文章が長すぎます。短くして送ってください。",
  server: "うまくいきませんでした。もう一度送ってください。",
  empty: "回答を受け取れませんでした。",
  located: "現在地を送りました",
  notLocated: "現在地がわかりませんでした。市町名を入力してください。",
};

/** Kana with spaces between the words: it must be readable before there is furigana. @type {Strings} */
const easy = {
  name: "とちまど",
  title: "とちまど｜とちぎけんの あんない",
  tagline: "とちぎけんの あんない",
  language: "ことば",
  close: "とじる",
  conversation: "かいわ",
  you: "あなた",
  input: "しつもん",
  placeholder: "しつもんを かいて ください",
  send: "おくる",
  note: "きかいが こたえます。ひとは よみません。なまえや じゅうしょを かかないで ください。",
  waiting: "こたえを つくって います",
  choices: "えらんで ください",
  chosen: "えらびました",
  phones: "でんわばんごう",
  links: "リンク",
  newTab: "あたらしい ページが ひらきます",
  urgent: "いそいで よんで ください",
  retry: "もういちど おくる",
  offline: "インターネットが つかえません。あとで もういちど おくって ください。",
  timeout: "じかんが かかりすぎました。こたえが きませんでした。",
  busy: "いま たくさんの ひとが つかって います。すこし まって、もういちど おくって ください。",
  tooLong: "ぶんが ながすぎます。みじかく して ください。",
  server: "うまく いきませんでした。もういちど おくって ください。",
  empty: "こたえが きませんでした。",
  located: "いま いる ばしょを おくりました",
  notLocated: "いま いる ばしょが わかりません。しや まちの なまえを かいて ください。",
};

/** @type {Strings} */
const en = {
  name: "Tochimado",
  title: "Tochimado | Tochigi Prefecture services",
  tagline: "Tochigi Prefecture services",
  language: "Language",
  close: "Close",
  conversation: "Conversation",
  you: "You",
  input: "Question",
  placeholder: "Type your question",
  send: "Send",
  note: "Automatic answers. No person reads this. Please do not enter personal information.",
  waiting: "Preparing an answer",
  choices: "Choices",
  chosen: "chosen",
  phones: "Telephone numbers",
  links: "Links",
  newTab: "opens in a new tab",
  urgent: "Urgent information",
  retry: "Send again",
  offline: "There is no internet connection. Please send again when you are online.",
  timeout: "It took too long, and no answer arrived.",
  busy: "The service is busy. Please wait a little and send again.",
  tooLong: "The message is too long. Please shorten it.",
  server: "Something went wrong. Please send again.",
  empty: "No answer arrived.",
  located: "I sent my location",
  notLocated: "Your location could not be found. Please type the name of your city or town.",
};

/** @type {Strings} */
const zh = {
  name: "Tochimado",
  title: "Tochimado｜栃木县政务服务指南",
  tagline: "栃木县政务服务指南",
  language: "语言",
  close: "关闭",
  conversation: "对话",
  you: "您",
  input: "问题",
  placeholder: "请输入问题",
  send: "发送",
  note: "这里是自动回复，没有人工查看。请不要输入个人信息。",
  waiting: "正在准备回答",
  choices: "选项",
  chosen: "已选择",
  phones: "电话号码",
  links: "链接",
  newTab: "在新标签页中打开",
  urgent: "紧急信息",
  retry: "重新发送",
  offline: "无法连接网络。请在联网后重新发送。",
  timeout: "等待时间过长，没有收到回答。",
  busy: "目前使用人数较多。请稍候再发送。",
  tooLong: "内容太长。请缩短后再发送。",
  server: "出现问题。请重新发送。",
  empty: "没有收到回答。",
  located: "已发送当前位置",
  notLocated: "无法获取当前位置。请输入市或町的名称。",
};

/** @type {Strings} */
const pt = {
  name: "Tochimado",
  title: "Tochimado | Serviços da província de Tochigi",
  tagline: "Serviços da província de Tochigi",
  language: "Idioma",
  close: "Fechar",
  conversation: "Conversa",
  you: "Você",
  input: "Pergunta",
  placeholder: "Escreva sua pergunta",
  send: "Enviar",
  note: "Respostas automáticas. Nenhuma pessoa lê esta conversa. Não escreva dados pessoais.",
  waiting: "Preparando a resposta",
  choices: "Opções",
  chosen: "escolhido",
  phones: "Telefones",
  links: "Links",
  newTab: "abre em uma nova aba",
  urgent: "Informação urgente",
  retry: "Enviar de novo",
  offline: "Sem conexão com a internet. Envie de novo quando estiver conectado.",
  timeout: "Demorou demais e a resposta não chegou.",
  busy: "O serviço está ocupado. Espere um pouco e envie de novo.",
  tooLong: "A mensagem é longa demais. Escreva uma mensagem mais curta.",
  server: "Algo deu errado. Envie de novo.",
  empty: "A resposta não chegou.",
  located: "Enviei minha localização",
  notLocated: "Não foi possível obter sua localização. Escreva o nome da sua cidade.",
};

/** @type {Strings} */
const es = {
  name: "Tochimado",
  title: "Tochimado | Servicios de la prefectura de Tochigi",
  tagline: "Servicios de la prefectura de Tochigi",
  language: "Idioma",
  close: "Cerrar",
  conversation: "Conversación",
  you: "Usted",
  input: "Pregunta",
  placeholder: "Escriba su pregunta",
  send: "Enviar",
  note: "Respuestas automáticas. Ninguna persona lee esta conversación. No escriba datos personales.",
  waiting: "Preparando la respuesta",
  choices: "Opciones",
  chosen: "elegido",
  phones: "Teléfonos",
  links: "Enlaces",
  newTab: "se abre en una pestaña nueva",
  urgent: "Información urgente",
  retry: "Enviar de nuevo",
  offline: "No hay conexión a internet. Envíe de nuevo cuando tenga conexión.",
  timeout: "Tardó demasiado y la respuesta no llegó.",
  busy: "El servicio está ocupado. Espere un poco y envíe de nuevo.",
  tooLong: "El mensaje es demasiado largo. Escriba uno más corto.",
  server: "Algo salió mal. Envíe de nuevo.",
  empty: "La respuesta no llegó.",
  located: "Envié mi ubicación",
  notLocated: "No se pudo obtener su ubicación. Escriba el nombre de su ciudad o pueblo.",
};

/** @type {Readonly<Record<Lang, Strings>>} */
export const STRINGS = { ja, easy, en, zh, pt, es };

/** The languages by the names that their readers know. @type {ReadonlyArray<[Lang, string]>} */
export const LANGUAGES = [
  ["ja", "日本語"],
  ["easy", "やさしい日本語"],
  ["en", "English"],
  ["zh", "中文"],
  ["pt", "Português"],
  ["es", "Español"],
];

/** What goes into a `lang` attribute. @type {Readonly<Record<Lang, string>>} */
export const HTML_LANG = { ja: "ja", easy: "ja", en: "en", zh: "zh-Hans", pt: "pt-BR", es: "es" };

/**
 * @param {unknown} value
 * @returns {value is Lang}
 */
export function isLang(value) {
  return typeof value === "string" && Object.hasOwn(STRINGS, value);
}

/**
 * Return the first of `tags` (BCP 47, the most wanted first) that there is, or Japanese.
 * @param {readonly string[]} tags
 * @returns {Lang}
 */
export function bestLang(tags) {
  for (const tag of tags) {
    const primary = tag.toLowerCase().split("-")[0];
    if (isLang(primary)) return primary;
  }
  return "ja";
}
