package dev.maestro.failure;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The words in which an error was told, made comparable: lower case, straight apostrophes, single
 * spaces, no addresses.
 *
 * <p>No pattern here repeats a group or can go back far: texts are foreign, and may be made to
 * hurt.
 */
final class Words {

  private static final int LONGEST_PART = 8 << 10;

  private static final Pattern ADDRESS = Pattern.compile("https?://[^\\s\"')]+");
  private static final Pattern SPACE = Pattern.compile("\\s+");

  /** Numbers in a text that can only be a status: named as one, at the beginning, or explained. */
  private static final Pattern STATUS =
      Pattern.compile(
          "(?:\\bhttp(?:/\\d(?:\\.\\d)?)?|\\bstatus(?: ?code)?|\\bcode|\\berror)[\"']?[ :=]{1,3}"
              + "([45]\\d\\d)\\b"
              + "|^\\W{0,3}([45]\\d\\d)\\b"
              + "|\\b([45]\\d\\d) (?:bad request|unauthorized|payment required|forbidden|not found"
              + "|too many requests|internal server|bad gateway|service unavailable"
              + "|gateway time)");

  private static final Pattern PER_MINUTE =
      Pattern.compile("per ?_?(?:min\\b|minute|second)|\\b[rt]pm\\b");

  private static final Pattern PER_DAY = Pattern.compile("per ?_?(?:day|month)|daily");

  private static final Pattern QUOTA =
      anyOf(
          "insufficient[_ ]quota",
          "quota[_ ]exceeded",
          "exceeded your (?:current )?quota",
          "exhausted your .{0,20}quota",
          "quota[_ ]exhausted",
          "daily quota",
          "\\bbilling\\b",
          "credit balance",
          "out of (?:extra )?(?:credits|usage)",
          "insufficient (?:funds|balance|credits?)",
          "payment required",
          "(?:usage|session|weekly|monthly|daily|spending|spend|5-hour|five-hour|plan|opus)"
              + " limit",
          "usage_limit_reached",
          "no credits",
          "not (?:have )?enough credits",
          "hit your limit",
          "exhausted your capacity",
          "quota will reset",
          "(?<!rate )limit reached");

  /** In the order in which they are asked. */
  private static final List<Phrases> PHRASES =
      List.of(
          new Phrases(
              ErrorClass.SESSION_LOST,
              anyOf(
                  "session not found",
                  "no rollout found",
                  "no saved session found",
                  "no conversation found with session",
                  "invalid session identifier",
                  "thread not found")),
          new Phrases(
              ErrorClass.AUTHENTICATION,
              anyOf(
                  "(?:invalid|incorrect|missing|no|bad|wrong)"
                      + " (?:x-api-key|[a-z]{0,12} ?api[ _-]?key|authentication|credential"
                      + "|bearer token|access token)",
                  "api[ _-]?key (?:not valid|is (?:not valid|invalid|missing|required|not set))",
                  "api_key_invalid",
                  "authentication[_ ](?:error|failed|required)",
                  "failed to authenticate",
                  "\\bunauthori[sz]ed\\b",
                  "not (?:logged|signed) in",
                  "please (?:run /login|log ?in|sign in)",
                  "(?:login|sign-?in) required",
                  "set an auth method",
                  "token (?:has |is )?(?:expired|revoked)")),
          new Phrases(ErrorClass.QUOTA_EXHAUSTED, QUOTA),
          new Phrases(
              ErrorClass.RATE_LIMITED,
              anyOf(
                  "rate[_ -]?limit",
                  "too many requests",
                  "resource (?:has been |is )?exhausted",
                  "resource_exhausted",
                  "throttl")),
          new Phrases(
              ErrorClass.CONTEXT_OVERFLOW,
              anyOf(
                  "context[_ ](?:length|window|limit)",
                  "maximum context",
                  "prompt is too long",
                  "input is too long",
                  "input token count .{0,40}exceed",
                  "exceeds the maximum number of tokens",
                  "contextoverflow",
                  "too large to compact")),
          new Phrases(ErrorClass.LIMIT_REACHED, anyOf("max(?:imum)? session turns")),
          new Phrases(
              ErrorClass.REFUSED,
              anyOf(
                  "content[_ ](?:policy|filter)",
                  "usage policy",
                  "blocked by .{0,20}safety",
                  "prohibited content")),
          new Phrases(
              ErrorClass.TRANSIENT,
              anyOf(
                  "overloaded",
                  "at capacity",
                  "high demand",
                  "temporarily unavailable",
                  "service unavailable",
                  "internal server error",
                  "bad gateway",
                  "gateway time-?out",
                  "time-?d? ?out\\b",
                  "stream (?:disconnected|ended|closed|error)",
                  "connection (?:was |has been"
                      + " )?(?:reset|refused|closed|aborted|lost|error|failed)",
                  "\\b(?:econnreset|econnrefused|econnaborted|etimedout|enotfound|eai_again|epipe)\\b",
                  "socket hang up",
                  "broken pipe",
                  "network error",
                  "fetch failed",
                  "error sending request")),
          new Phrases(
              ErrorClass.PERMANENT,
              anyOf(
                  "\\b(?:unknown|invalid|no such) model\\b",
                  "\\bmodel not found\\b",
                  "\\bmodel(?:: ?| [`'\"]| (?=\\S{0,80}[0-9/-]))[a-z0-9._:/@-]{1,80}[`'\"]?"
                      + " (?:was |is )?"
                      + "(?:not found|not supported|does not exist)")),
          new Phrases(
              ErrorClass.CANCELLED,
              anyOf(
                  "\\babort(?:ed|error)?\\b",
                  "\\bcancell?ed\\b",
                  "\\bstopped\\b",
                  "\\b(?:process|request|operation|agent|session|execution|query)"
                      + " (?:was |has been )?(?:interrupted|terminated)")));

  private final List<String> texts;

  private Words(List<String> texts) {
    this.texts = texts;
  }

  static Words of(List<String> texts) {
    return new Words(texts.stream().map(Words::plain).toList());
  }

  private static String plain(String text) {
    String ends =
        text.length() <= 2 * LONGEST_PART
            ? text
            : text.substring(0, LONGEST_PART) + " " + text.substring(text.length() - LONGEST_PART);
    String straight = ends.toLowerCase(Locale.ROOT).replace('\u2019', '\'').replace('\u2018', '\'');
    return SPACE.matcher(ADDRESS.matcher(straight).replaceAll(" ")).replaceAll(" ").strip();
  }

  /** {@return all of them, as they are compared} */
  String text() {
    return String.join(" ", texts);
  }

  /** {@return the first status that a text names, or null} */
  @Nullable Integer status() {
    return texts.stream().map(Words::status).filter(Objects::nonNull).findFirst().orElse(null);
  }

  private static @Nullable Integer status(String text) {
    Matcher found = STATUS.matcher(text);
    if (!found.find()) {
      return null;
    }
    return Arrays.asList(found.group(1), found.group(2), found.group(3)).stream()
        .filter(Objects::nonNull)
        .findFirst()
        .map(Integer::valueOf)
        .orElseThrow();
  }

  /** {@return the kind that the words tell, if they tell one} */
  Optional<ErrorClass> kind() {
    String all = text();
    return PHRASES.stream()
        .filter(each -> each.words.matcher(all).find())
        .map(Phrases::kind)
        .findFirst()
        .map(kind -> isFast(kind, all) ? ErrorClass.RATE_LIMITED : kind);
  }

  /** {@return whether they say that a plan or a quota is used up, and not one of a minute} */
  boolean tellOfQuota() {
    String all = text();
    boolean ofADay = PER_DAY.matcher(all).find() && all.contains("quota");
    return (QUOTA.matcher(all).find() || ofADay) && !isAboutMinutes(all);
  }

  /** A quota of so much a minute is what others call a rate limit. */
  private static boolean isAboutMinutes(String text) {
    return PER_MINUTE.matcher(text).find() && !PER_DAY.matcher(text).find();
  }

  private static boolean isFast(ErrorClass kind, String text) {
    return kind == ErrorClass.QUOTA_EXHAUSTED && isAboutMinutes(text);
  }

  private static Pattern anyOf(String... patterns) {
    return Pattern.compile(String.join("|", patterns));
  }

  private record Phrases(ErrorClass kind, Pattern words) {}
}
