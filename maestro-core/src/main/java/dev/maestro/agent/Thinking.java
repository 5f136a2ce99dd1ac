package dev.maestro.agent;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * How much a model may think before it answers, for providers with {@link Capability#THINKING}.
 *
 * <p>Each level stands for so many tokens. A provider that knows levels of its own takes the one of
 * the same name, or the highest that is not above it. The requirement M4-14.
 */
public enum Thinking {
  /** Not at all. */
  NONE(0),
  /** A little: 1,024 tokens. */
  LOW(1_024),
  /** For work that is not quite plain: 10,000 tokens. */
  MEDIUM(10_000),
  /** For hard work: 16,000 tokens. */
  HIGH(16_000),
  /** As much as there is: 32,000 tokens. */
  MAX(32_000);

  private final int tokens;

  Thinking(int tokens) {
    this.tokens = tokens;
  }

  /** {@return how many tokens it may use for that} */
  public int tokens() {
    return tokens;
  }

  /** {@return whether it thinks at all} */
  public boolean isOn() {
    return this != NONE;
  }

  /** {@return its name in text forms, such as {@code medium}} */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return the level with this name in text forms, if there is one} */
  public static Optional<Thinking> ofLabel(String label) {
    return Arrays.stream(values()).filter(level -> level.label().equals(label)).findFirst();
  }
}
