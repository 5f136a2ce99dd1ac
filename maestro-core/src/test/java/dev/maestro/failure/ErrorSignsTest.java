package dev.maestro.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorSignsTest {

  private static final Instant NOW = Instant.parse("2026-11-20T20:00:00Z");
  private static final ZoneId ZONE = ZoneId.of("America/New_York"); // where it is 15:00

  /** What real agents and services were seen to say, or say by their documentation. */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "RATE_LIMITED; Rate limit reached for gpt-x in organization org-x on tokens per min (TPM):"
            + " Limit 30000. Please try again in 2s. Visit"
            + " https://platform.openai.com/account/billing to add a payment method.",
        "RATE_LIMITED; exceeded retry limit, last status: 429 Too Many Requests",
        "RATE_LIMITED; [API Error: Resource has been exhausted (e.g. check quota). Suggested retry"
            + " after 2s.] To increase your limits, request a quota increase through AI Studio",
        "RATE_LIMITED; Retrying in 60s (attempt 1/10): [API Error: 429 Rate limit reached]",
        "RATE_LIMITED; {\"error\":{\"code\":429,\"message\":\"Quota"
            + " exceeded\",\"details\":[{\"quotaId\":\"GenerateRequestsPerMinutePerProject\"}]}}",
        "RATE_LIMITED;"
            + " {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"This"
            + " request would exceed your organization's rate limit\"}}",
        "QUOTA_EXHAUSTED; You exceeded your current quota, please check your plan and billing"
            + " details.",
        "QUOTA_EXHAUSTED;"
            + " {\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"quotaId\":\"GenerateRequestsPerDayPerProject-FreeTier\"}]}}",
        "QUOTA_EXHAUSTED; Quota exceeded. Check your plan and billing details.",
        "QUOTA_EXHAUSTED; You\u2019ve hit your usage limit. Upgrade to Pro or try again at 10:17"
            + " PM.",
        "QUOTA_EXHAUSTED; [API Error: You have exhausted your daily quota on this model.]",
        "QUOTA_EXHAUSTED; You've hit your session limit \u00b7 resets 11:20pm (UTC)",
        "QUOTA_EXHAUSTED; Claude AI usage limit reached|1795230000",
        "QUOTA_EXHAUSTED; 5-hour limit reached \u2219 resets 6pm",
        "QUOTA_EXHAUSTED; Your credit balance is too low to access the Anthropic API.",
        "QUOTA_EXHAUSTED; You are out of credits",
        "QUOTA_EXHAUSTED; 429 {\"error\":{\"type\":\"insufficient_quota\"}}",
        "QUOTA_EXHAUSTED; You've hit your limit \u00b7 resets 11pm (Europe/London)",
        "QUOTA_EXHAUSTED; You have exhausted your capacity on this model. Your quota will reset"
            + " after 2h13m5s.",
        "QUOTA_EXHAUSTED; Your account does not have enough credits",
        "AUTHENTICATION; unexpected status 401 Unauthorized: Incorrect API key provided: dummy.",
        "AUTHENTICATION; [API Error:"
            + " {\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\",\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}}]",
        "AUTHENTICATION; Invalid API key \u00b7 Fix external API key",
        "AUTHENTICATION; Not logged in \u00b7 Please run /login",
        "AUTHENTICATION; HTTP 403 from the model",
        "AUTHENTICATION; Please set an Auth method in your settings",
        "CONTEXT_OVERFLOW; Codex ran out of room in the model's context window. Start a new"
            + " thread.",
        "CONTEXT_OVERFLOW; [API Error: 400 This model's maximum context length is 128000 tokens.]",
        "CONTEXT_OVERFLOW; {\"error\":{\"code\":400,\"message\":\"The input token count (1100000)"
            + " exceeds the maximum number of tokens allowed (1048576).\"}}",
        "CONTEXT_OVERFLOW; Prompt is too long",
        "CONTEXT_OVERFLOW; 413 request too large",
        "SESSION_LOST; Error: thread/resume failed: no rollout found for thread id 01a1 (code"
            + " -32600)",
        "SESSION_LOST; Error resuming session: Invalid session identifier \"0000\".",
        "SESSION_LOST; No saved session found with ID 0000.",
        "SESSION_LOST; Error: Session not found",
        "SESSION_LOST; No conversation found with session ID: 0000",
        "TRANSIENT; unexpected status 503 Service Unavailable",
        "TRANSIENT; Selected model is at capacity. Please try a different model.",
        "TRANSIENT; We're currently experiencing high demand",
        "TRANSIENT; stream disconnected before completion: error sending request",
        "TRANSIENT; API Error: 529 {\"type\":\"overloaded_error\"}",
        "TRANSIENT; connect ECONNREFUSED 127.0.0.1:18080",
        "REFUSED; 400 Your request was rejected as a result of our content policy",
        "CANCELLED; Operation cancelled.",
        "LIMIT_REACHED; Maximum session turns exceeded",
        "LIMIT_REACHED; Reached max session turns for this session. Increase the number of turns"
            + " by specifying maxSessionTurns in settings.json.",
        "PERMANENT; 400 tools.0.custom.name is not right",
        "PERMANENT; 404 the model `gpt-x` does not exist",
        "PERMANENT; ENOSPC: no space left on device",
      })
  void knowsWhatItWasToldInWords(ErrorClass kind, String text) {
    assertThat(ErrorSigns.of(text).classify(NOW, ZONE).errorClass()).isEqualTo(kind);
  }

  @ParameterizedTest
  @CsvSource({
    "insufficient_quota, 429, QUOTA_EXHAUSTED",
    "usage_limit_reached, 429, QUOTA_EXHAUSTED",
    "rate_limit_exceeded, 429, RATE_LIMITED",
    "billing_error, 400, QUOTA_EXHAUSTED",
    "invalid_api_key, 400, AUTHENTICATION",
    "context_length_exceeded, 400, CONTEXT_OVERFLOW",
    "ContextOverflowError, 429, CONTEXT_OVERFLOW",
    "overloaded_error, 400, TRANSIENT",
    "invalid_request_error, 401, AUTHENTICATION",
    "something_new, 402, QUOTA_EXHAUSTED",
    "something_new, 418, PERMANENT",
    "something_new, 529, TRANSIENT",
  })
  void believesACodeBeforeAStatus(String code, int status, ErrorClass kind) {
    ErrorSigns signs = ErrorSigns.NONE.code(code).status(status);

    assertThat(signs.classify(NOW, ZONE).errorClass()).isEqualTo(kind);
  }

  @Test
  void believesAStatusBeforeWords() {
    Failure failure =
        ErrorSigns.of("the rate limit was not the reason").status(503).classify(NOW, ZONE);

    assertThat(failure.errorClass()).isEqualTo(ErrorClass.TRANSIENT);
  }

  @Test
  void takesAUsedUpPlanForAQuotaEvenWhereTheCodeSaysRateLimit() {
    Failure failure =
        ErrorSigns.of("You've hit your session limit \u00b7 resets 11:20pm (UTC)")
            .code("rate_limit")
            .status(429)
            .classify(NOW, ZONE);

    assertThat(failure)
        .isEqualTo(
            new Failure(
                ErrorClass.QUOTA_EXHAUSTED,
                "You've hit your session limit \u00b7 resets 11:20pm (UTC)",
                Instant.parse("2026-11-20T23:20:00Z")));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "rate limit, try again in 2s;                       2026-11-20T20:00:02Z",
        "rate limit, try again in 20ms.;                    2026-11-20T20:00:00.020Z",
        "rate limit, Please try again in 1m30.5s;           2026-11-20T20:01:30.500Z",
        "rate limit, try again in 2 hours and 3 minutes;    2026-11-20T22:03:00Z",
        "rate limit. Suggested retry after 2s.;             2026-11-20T20:00:02Z",
        "rate limit, retry-after: 17;                       2026-11-20T20:00:17Z",
        "rate limit, \"retryDelay\": \"5400s\";             2026-11-20T21:30:00Z",
        "rate limit, retryDelayMs: 2000;                    2026-11-20T20:00:02Z",
        "rate limit, wait 30 seconds;                       2026-11-20T20:00:30Z",
        "rate limit;                                        2026-11-20T20:01:00Z",
        "usage limit reached|1795212000;                    2026-11-20T22:00:00Z",
        "usage limit {\"resets_at\": 1795212000000};        2026-11-20T22:00:00Z",
        "usage limit {\"resets_in_seconds\": 90};           2026-11-20T20:01:30Z",
        "usage limit, resets 11:20pm (UTC);                 2026-11-20T23:20:00Z",
        "usage limit, resets 3am (Europe/Berlin);           2026-11-21T02:00:00Z",
        "usage limit, try again at 10:17 PM.;               2026-11-21T03:17:00Z",
        "usage limit, try again at 9 a.m.;                  2026-11-21T14:00:00Z",
        "usage limit, resets at 18:30 UTC;                  2026-11-21T18:30:00Z",
        "usage limit, try again at Nov 28th, 2026 10:17 PM; 2026-11-29T03:17:00Z",
        "Your quota will reset after 2h13m5s.;              2026-11-20T22:13:05Z",
        "usage limit {\"resetsAt\":\"2026-11-21T03:00:00Z\"};  2026-11-21T03:00:00Z",
        "usage limit {\"resets_at\": \"2026-11-21T03:00:00.5+01:00\"}; 2026-11-21T02:00:00.500Z",
        "usage limit, try again after 2026-11-21 03:00 UTC; 2026-11-21T03:00:00Z",
        "usage limit, until 2026-11-21 03:00;               2026-11-21T08:00:00Z",
        "rate limit, retry-after: 2026-11-21T03:00:00Z;     2026-11-21T03:00:00Z",
        "usage limit, resets at 2026-13-21T03:00:00Z;       ",
        "usage limit, resets at 2019-11-21T03:00:00Z;       ",
        "usage limit, resets at 18:30 UTC+2;                2026-11-21T16:30:00Z",
        "usage limit, resets 6:30pm (GMT-8);                2026-11-21T02:30:00Z",
        "usage limit, resets 6pm PST;                       2026-11-21T02:00:00Z",
        "usage limit, resets 6pm (EDT).;                    2026-11-20T23:00:00Z",
        "usage limit, resets Jan 3, 4pm (UTC);              2027-01-03T16:00:00Z",
        "usage limit, resets Feb 30, 4pm (UTC);             ",
        "weekly limit reached, resets Mon 12:00 AM;         2026-11-23T05:00:00Z",
        "weekly limit, it resets Monday, 9:00 AM PST;       2026-11-23T17:00:00Z",
        "weekly limit, resets Fri 1am (UTC);                2026-11-27T01:00:00Z",
        "weekly limit, resets on Fri at 23:30 UTC;          2026-11-20T23:30:00Z",
        "weekly limit, resets Mon, Nov 30 at 9am (UTC);     2026-11-30T09:00:00Z",
        "usage limit, resets tomorrow at 9am (UTC);         2026-11-21T09:00:00Z",
        "usage limit, resets Monday;                        ",
        "usage limit, resets 4pm (Middle/Earth);            ",
        "usage limit, resets 13pm (UTC);                    ",
        "usage limit, try again in 999999999 days;          ",
        "usage limit reached|1;                             ",
        "usage limit reached|1000000000;                    ",
        "usage limit;                                       ",
        "prompt is too long, try again in 2s;               ",
      })
  void knowsWhenItIsOver(String text, Instant end) {
    assertThat(ErrorSigns.of(text).classify(NOW, ZONE).until()).isEqualTo(end);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "2; 2026-11-20T20:00:02Z",
        " 1.5 ; 2026-11-20T20:00:01.500Z",
        "Fri, 20 Nov 2026 20:14:12 GMT; 2026-11-20T20:14:12Z",
        "whenever; 2026-11-20T20:01:00Z",
        "-5; 2026-11-20T20:01:00Z",
      })
  void readsTheHeader(String header, Instant end) {
    assertThat(ErrorSigns.NONE.status(429).retryAfter(header).classify(NOW, ZONE).until())
        .isEqualTo(end);
  }

  @Test
  void prefersTheMomentOfAFieldToTheHeaderAndThatToTheText() {
    ErrorSigns signs = ErrorSigns.of("try again in 9s").status(429);

    assertThat(signs.retryAfter("7").classify(NOW, ZONE).until()).isEqualTo(NOW.plusSeconds(7));
    assertThat(signs.retryAfter("7").resetsAt(NOW.plusSeconds(5)).classify(NOW, ZONE).until())
        .isEqualTo(NOW.plusSeconds(5));
  }

  @Test
  void passesATimeOfTheDayThatIsGoneOnToTomorrow() {
    assertThat(until("usage limit, resets 7:59pm (UTC)")).isEqualTo("2026-11-20T19:59:00Z");
    assertThat(until("usage limit, resets 7:58pm (UTC)")).isEqualTo("2026-11-21T19:58:00Z");
  }

  private static Instant until(String text) {
    return ErrorSigns.of(text).classify(NOW, ZONE).knownEnd().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "it went wrong",
        "the model config was not found",
        "line 429 of 500",
        "chunk.js:307344:16"
      })
  void doesNotClaimToKnowWhatSaysNothing(String text) {
    assertThat(ErrorSigns.of(text).known(NOW, ZONE)).isEmpty();
  }

  /** Of a program, whose failures may go well next time unless they tell otherwise. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Error: Model not found: openai/gpt-x",
        "The model `gpt-x` does not exist or you do not have access to it.",
        "model: claude-x not found",
        "Unknown model: x"
      })
  void aModelThatIsNotThereWillNotBeThereNextTime(String text) {
    assertThat(ErrorSigns.of(text).known(NOW, ZONE))
        .map(Failure::errorClass)
        .contains(ErrorClass.PERMANENT);
  }

  @Test
  void saysWhatItWasTold() {
    assertThat(message(ErrorSigns.of("\n").text(" no luck \n").code("bad_luck")))
        .isEqualTo("no luck");
    assertThat(message(ErrorSigns.NONE.code("bad_luck").status(500))).isEqualTo("bad_luck");
    assertThat(message(ErrorSigns.NONE.status(500))).isEqualTo("HTTP 500");
    assertThat(message(ErrorSigns.NONE)).isEqualTo("no reason was given");
    assertThat(message(ErrorSigns.of("x".repeat(5_000)))).hasSize(2_001).endsWith("x\u2026");
  }

  private static String message(ErrorSigns signs) {
    return signs.classify(NOW, ZONE).message();
  }

  @Test
  void readsBothEndsOfALongText() {
    String filler = "-".repeat(1_000_000);

    assertThat(ErrorSigns.of("rate limit" + filler).known(NOW, ZONE)).isPresent();
    assertThat(ErrorSigns.of(filler + "rate limit").known(NOW, ZONE)).isPresent();
  }

  @Property(tries = 2_000)
  void neverThrows(
      @ForAll("nasty") String text, @ForAll("nasty") String header, @ForAll int status) {
    ErrorSigns signs =
        ErrorSigns.of(text).code(text).text(header).status(status).retryAfter(header);

    Failure failure = signs.classify(NOW, ZoneOffset.UTC);

    failure
        .knownEnd()
        .ifPresent(
            end ->
                assertThat(end)
                    .isBetween(NOW.minus(Duration.ofMinutes(1)), NOW.plus(Duration.ofDays(366))));
  }

  /** Any text, and texts made of the pieces that the patterns look for. */
  @Provide
  Arbitrary<String> nasty() {
    Arbitrary<String> piece =
        Arbitraries.of(
            List.of(
                "try again in ",
                "resets ",
                "at ",
                "nov ",
                "feb ",
                "31",
                "99",
                ":",
                "61",
                "am",
                "pm",
                "(",
                ")",
                "utc",
                "europe/berlin",
                "/",
                "limit reached|",
                "9999999999999",
                "1795212000",
                "s",
                "ms",
                "h",
                "days",
                " ",
                ",",
                "and ",
                "retry-after",
                "retrydelay",
                "=",
                "\"",
                "429",
                "400",
                "status ",
                "quota",
                "per minute",
                "per day",
                "\u2019",
                "\0",
                "-",
                "."));
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(200),
        piece.list().ofMaxSize(30).map(pieces -> String.join("", pieces)));
  }
}
