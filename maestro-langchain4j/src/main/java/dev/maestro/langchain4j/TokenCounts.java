package dev.maestro.langchain4j;

import dev.langchain4j.model.output.TokenUsage;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a call has used up.
 *
 * <p>What was taken from a cache is told by types of the vendors' own modules, which need not be
 * there; so it is asked for by name. OpenAI counts it among the tokens sent, Anthropic beside them.
 */
final class TokenCounts {

  private TokenCounts() {}

  /** {@return what one call has used up, if the model has told} */
  static Optional<Usage> of(@Nullable TokenUsage told) {
    if (told == null || told.inputTokenCount() == null || told.outputTokenCount() == null) {
      return Optional.empty();
    }
    long sent = told.inputTokenCount();
    long beside = number(told, "cacheReadInputTokens");
    long among = number(part(told, "inputTokensDetails"), "cachedTokens");
    long fresh = Math.max(0, sent - among) + number(told, "cacheCreationInputTokens");
    return Optional.of(
        new Usage(fresh, told.outputTokenCount(), beside + among, Money.ZERO, 1, 0, false));
  }

  private static long number(@Nullable Object from, String name) {
    return part(from, name) instanceof Number number ? Math.max(0, number.longValue()) : 0;
  }

  private static @Nullable Object part(@Nullable Object from, String name) {
    if (from == null) {
      return null;
    }
    try {
      return from.getClass().getMethod(name).invoke(from);
    } catch (NoSuchMethodException e) {
      // this vendor tells no such thing
      return null;
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("`" + name + "` of a token usage cannot be read", e);
    }
  }
}
