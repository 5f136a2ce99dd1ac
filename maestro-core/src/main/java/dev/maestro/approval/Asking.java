package dev.maestro.approval;

import dev.maestro.task.TimeBound;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How people are asked: how long a question waits, and how many have to say yes.
 *
 * <p>By default one yes is enough, and a question waits for ever. Silence is no (C24): a question
 * that nobody has answered when its time is over is answered with {@code expired}.
 *
 * @param patience how long a question waits, or null for ever; at most {@link TimeBound#LONGEST}
 * @param quorum how many different people have to say yes; one no is always enough
 */
public record Asking(@Nullable Duration patience, int quorum) {

  /** One yes is enough, and a question waits for ever. */
  public static final Asking DEFAULT = new Asking(null, 1);

  /** How many people can be asked for at most. */
  public static final int MOST = 100;

  /** Check that it can come to an end. */
  public Asking {
    if (patience != null) {
      TimeBound.check("the time that a question waits", patience);
    }
    if (quorum < 1 || quorum > MOST) {
      throw new IllegalArgumentException("a quorum is 1 to " + MOST + " people, not " + quorum);
    }
  }

  /** {@return the same, with questions that wait so long; silence is no} */
  public Asking within(Duration longest) {
    return new Asking(Objects.requireNonNull(longest, "longest"), quorum);
  }

  /** {@return the same, with so many different people who have to say yes} */
  public Asking quorum(int people) {
    return new Asking(patience, people);
  }
}
