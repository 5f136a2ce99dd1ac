package dev.maestro.failure;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a provider or a model has told about an error, and what kind of error that makes it.
 *
 * <pre>{@code
 * Failure failure =
 *     ErrorSigns.of("Rate limit reached, please try again in 2s").status(429).classify(now, zone);
 * }</pre>
 *
 * <p>The evidence is weighed in this order: a code, then a status, then a status that is named in a
 * text, then the words of the texts. A status that covers several cases, such as 400, is settled by
 * the words. Who is turned away for being too fast and says that a plan or a quota is used up has
 * used it up. Hand in what stands in fields for errors and what was written to stderr, never what
 * an agent said: an answer may well quote an error.
 *
 * <p>Whatever the texts hold, nothing is thrown. Only the beginning and the end of a very long one
 * are read.
 *
 * @param codes names of the error that programs make: codes, types, reasons, names of exceptions
 * @param status the HTTP status, or null where there was none
 * @param texts what people are told, or the whole body of an answer
 * @param retryAfter the value of a header {@code Retry-After}: seconds or a date; or null
 * @param resetsAt when it is over, where that was told as a moment, or null
 */
public record ErrorSigns(
    List<String> codes,
    @Nullable Integer status,
    List<String> texts,
    @Nullable String retryAfter,
    @Nullable Instant resetsAt) {

  /** How long to wait after a rate limit that does not say for how long it holds. */
  public static final Duration USUAL_WAIT = Duration.ofSeconds(60);

  /** Nothing was told. */
  public static final ErrorSigns NONE = new ErrorSigns(List.of(), null, List.of(), null, null);

  private static final int LONGEST_MESSAGE = 2_000;

  /** Copy the lists. */
  public ErrorSigns {
    codes = List.copyOf(codes);
    texts = List.copyOf(texts);
  }

  /** {@return only this text} */
  public static ErrorSigns of(String text) {
    return NONE.text(text);
  }

  /** {@return the same with one more code, type, reason or name of an exception} */
  public ErrorSigns code(String code) {
    return new ErrorSigns(and(codes, code), status, texts, retryAfter, resetsAt);
  }

  /** {@return the same with this HTTP status} */
  public ErrorSigns status(int code) {
    return new ErrorSigns(codes, code, texts, retryAfter, resetsAt);
  }

  /** {@return the same with one more text; the first that is not blank becomes the message} */
  public ErrorSigns text(String text) {
    return new ErrorSigns(codes, status, and(texts, text), retryAfter, resetsAt);
  }

  /** {@return the same with this value of a header {@code Retry-After}} */
  public ErrorSigns retryAfter(String header) {
    return new ErrorSigns(codes, status, texts, header, resetsAt);
  }

  /** {@return the same, known to be over then} */
  public ErrorSigns resetsAt(Instant moment) {
    return new ErrorSigns(codes, status, texts, retryAfter, moment);
  }

  private static List<String> and(List<String> list, String more) {
    List<String> all = new ArrayList<>(list);
    all.add(Objects.requireNonNull(more, "more"));
    return all;
  }

  /** {@return whether nothing was told} */
  public boolean isEmpty() {
    return equals(NONE);
  }

  /**
   * {@return the failure that this is, or empty where it shows none of the known signs}
   *
   * @param now when it was told, for what is told as a time from then
   * @param zone where it was told, for what is told as a time of the day
   */
  public Optional<Failure> known(Instant now, ZoneId zone) {
    Words words = Words.of(texts);
    return kind(words).map(kind -> new Failure(kind, message(), until(kind, words, now, zone)));
  }

  /** {@return the failure that this is; one that shows no known sign is for good} */
  public Failure classify(Instant now, ZoneId zone) {
    return known(now, zone).orElseGet(() -> Failure.of(ErrorClass.PERMANENT, message()));
  }

  private Optional<ErrorClass> kind(Words words) {
    Optional<ErrorClass> kind =
        ErrorNames.kindOf(codes)
            .or(() -> byStatus(status, words))
            .or(() -> byStatus(words.status(), words))
            .or(words::kind);
    return kind.map(
        found ->
            found == ErrorClass.RATE_LIMITED && words.tellOfQuota()
                ? ErrorClass.QUOTA_EXHAUSTED
                : found);
  }

  /** {@return what a status says by itself, or with the words where it covers several cases} */
  private static Optional<ErrorClass> byStatus(@Nullable Integer status, Words words) {
    if (status == null || status < 400 || status > 599) {
      return Optional.empty();
    }
    return switch (status) {
      case 401 -> Optional.of(ErrorClass.AUTHENTICATION);
      case 402 -> Optional.of(ErrorClass.QUOTA_EXHAUSTED);
      case 403 -> words.kind().or(() -> Optional.of(ErrorClass.AUTHENTICATION));
      case 408, 409, 425 -> Optional.of(ErrorClass.TRANSIENT);
      case 413 -> Optional.of(ErrorClass.CONTEXT_OVERFLOW);
      case 429 -> Optional.of(ErrorClass.RATE_LIMITED);
      default ->
          status < 500
              ? words.kind().or(() -> Optional.of(ErrorClass.PERMANENT))
              : Optional.of(ErrorClass.TRANSIENT);
    };
  }

  private @Nullable Instant until(ErrorClass kind, Words words, Instant now, ZoneId zone) {
    if (kind != ErrorClass.RATE_LIMITED
        && kind != ErrorClass.QUOTA_EXHAUSTED
        && kind != ErrorClass.TRANSIENT) {
      return null;
    }
    ResetTimes times = new ResetTimes(now, zone);
    return times
        .plausible(resetsAt)
        .or(() -> times.inHeader(retryAfter))
        .or(() -> times.in(words.text()))
        .orElseGet(() -> kind == ErrorClass.RATE_LIMITED ? now.plus(USUAL_WAIT) : null);
  }

  private String message() {
    String message =
        texts.stream()
            .map(String::strip)
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElseGet(this::unexplained);
    return message.length() > LONGEST_MESSAGE
        ? message.substring(0, LONGEST_MESSAGE) + "…"
        : message;
  }

  private String unexplained() {
    if (!codes.isEmpty()) {
      return codes.get(0);
    }
    return status == null ? "no reason was given" : String.format(Locale.ROOT, "HTTP %d", status);
  }
}
