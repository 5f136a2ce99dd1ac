package dev.maestro.policy;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How often and how many at once a provider, or one of its models, may be launched, for each tenant
 * by itself.
 *
 * <p>What it holds back waits and spends no attempt. Where a provider says until when its quota is
 * used up, its tasks wait for that in any case.
 *
 * @param rate so many launches in a time, or null for any number
 * @param atOnce how many launches may be under way, or null for any number
 * @param breaker what keeps tasks from it when it fails again and again, or null for nothing
 * @param resume when tasks go on whose quota is back
 */
public record ProviderLimits(
    @Nullable RateLimit rate, @Nullable Integer atOnce, @Nullable Breaker breaker, Resume resume) {

  /** Nothing is limited, and tasks go on as soon as a quota is back. */
  public static final ProviderLimits NONE = new ProviderLimits(null, null, null, Resume.AUTOMATIC);

  /** Check the number. */
  public ProviderLimits {
    Objects.requireNonNull(resume, "resume");
    if (atOnce != null && atOnce < 1) {
      throw new IllegalArgumentException("at least one launch has to be allowed, not " + atOnce);
    }
  }

  /** {@return the same with so many launches in a time} */
  public ProviderLimits rate(int launches, Duration period) {
    return new ProviderLimits(new RateLimit(launches, period), atOnce, breaker, resume);
  }

  /** {@return the same with so many launches under way at once} */
  public ProviderLimits atOnce(int launches) {
    return new ProviderLimits(rate, launches, breaker, resume);
  }

  /** {@return the same with this breaker} */
  public ProviderLimits breaker(Breaker rule) {
    return new ProviderLimits(rate, atOnce, Objects.requireNonNull(rule, "rule"), resume);
  }

  /** {@return the same, going on like this when a quota is back} */
  public ProviderLimits resume(Resume how) {
    return new ProviderLimits(rate, atOnce, breaker, how);
  }

  /** {@return so many launches in a time, if that is limited} */
  public Optional<RateLimit> rateLimit() {
    return Optional.ofNullable(rate);
  }

  /** {@return the breaker, if there is one} */
  public Optional<Breaker> circuit() {
    return Optional.ofNullable(breaker);
  }
}
