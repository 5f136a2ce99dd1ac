package dev.maestro.langchain4j;

import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.output.FinishReason;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.ErrorSigns;
import dev.maestro.failure.Failure;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an exception of a model, or the reason why it finished, means for the launch. */
final class Troubles {

  private static final int MOST_CAUSES = 10;

  private Troubles() {}

  /**
   * {@return what went wrong}
   *
   * <p>What the service says goes first, then what LangChain4j has made of it.
   */
  static Failure of(Throwable broken, Instant now, ZoneId zone) {
    Optional<HttpException> http = find(broken, HttpException.class);
    String message = http.<Throwable>map(e -> e).orElse(broken).getMessage();
    String text = message == null ? broken.getClass().getSimpleName() : message;
    if (http.isPresent()) {
      Optional<Failure> known =
          ErrorSigns.of(text).status(http.get().statusCode()).known(now, zone);
      if (known.isPresent()) {
        return known.get();
      }
    }
    return Failure.of(errorClass(broken), text);
  }

  private static ErrorClass errorClass(Throwable broken) {
    if (has(broken, AuthenticationException.class)) {
      return ErrorClass.AUTHENTICATION;
    } else if (has(broken, RateLimitException.class)) {
      return ErrorClass.RATE_LIMITED;
    } else if (has(broken, ContentFilteredException.class)) {
      return ErrorClass.REFUSED;
    } else if (has(broken, ModelNotFoundException.class)) {
      return ErrorClass.PERMANENT;
    } else if (has(broken, TimeoutException.class)) {
      return ErrorClass.TIMEOUT;
    } else if (has(broken, InternalServerException.class) || has(broken, IOException.class)) {
      // of the network, or of an answer that is no JSON
      return ErrorClass.TRANSIENT;
    }
    return ErrorClass.PERMANENT;
  }

  /** {@return whether nothing can have been used up: the service answered with an error} */
  static boolean cameToNothing(Throwable broken) {
    return has(broken, HttpException.class);
  }

  private static boolean has(Throwable broken, Class<? extends Throwable> type) {
    return find(broken, type).isPresent();
  }

  private static <T extends Throwable> Optional<T> find(Throwable broken, Class<T> type) {
    Throwable next = broken;
    for (int i = 0; i < MOST_CAUSES && next != null; i++) {
      if (type.isInstance(next)) {
        return Optional.of(type.cast(next));
      }
      next = next.getCause();
    }
    return Optional.empty();
  }

  /**
   * {@return what is wrong with an answer that ends for this reason, if anything}
   *
   * @param calls whether it calls tools
   */
  static Optional<Failure> of(@Nullable FinishReason reason, boolean calls) {
    if (reason == null) {
      return Optional.of(
          Failure.of(
              ErrorClass.TRANSIENT, "the answer was cut off: the model did not say why it ended"));
    }
    return switch (reason) {
      case STOP -> Optional.empty();
      case TOOL_EXECUTION ->
          calls
              ? Optional.empty()
              : Optional.of(
                  Failure.of(ErrorClass.TRANSIENT, "the model stopped for tools and called none"));
      case LENGTH ->
          Optional.of(
              Failure.of(
                  ErrorClass.TRANSIENT,
                  "the answer was cut off: it reached the length that the model may answer with"));
      case CONTENT_FILTER ->
          Optional.of(Failure.of(ErrorClass.REFUSED, "the model's filter withheld the answer"));
      case OTHER ->
          Optional.of(
              Failure.of(
                  ErrorClass.TRANSIENT, "the model ended for a reason that nobody knows here"));
    };
  }
}
