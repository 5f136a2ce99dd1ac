package dev.maestro.agent;

import java.util.Map;

/**
 * When a provider is asked whether it offers a model: the higher number first.
 *
 * <p>Not to be mixed up with a task's priority, where the lower number is the more urgent one.
 *
 * @param value any number; 0 when nothing says otherwise
 */
public record ProviderRank(int value) implements Comparable<ProviderRank> {

  /** The rank of a provider that nothing is known about. */
  public static final ProviderRank UNKNOWN = new ProviderRank(0);

  /**
   * The ranks of known providers: the more particular a provider's models, the earlier it is asked.
   */
  public static final Map<ProviderId, ProviderRank> DEFAULTS =
      Map.of(
          ProviderId.of("claude"), new ProviderRank(0),
          ProviderId.of("cursor"), new ProviderRank(10),
          ProviderId.of("codex"), new ProviderRank(5),
          ProviderId.of("opencode"), new ProviderRank(3),
          ProviderId.of("gemini"), new ProviderRank(4));

  /** {@return the rank with this number} */
  public static ProviderRank of(int value) {
    return new ProviderRank(value);
  }

  /** {@return the rank of this provider when nobody gave it another} */
  public static ProviderRank defaultOf(ProviderId id) {
    return DEFAULTS.getOrDefault(id, UNKNOWN);
  }

  /** Lower numbers first, as numbers are; whoever asks providers reverses it. */
  @Override
  public int compareTo(ProviderRank other) {
    return Integer.compare(value, other.value);
  }
}
