package dev.maestro.run;

import dev.maestro.task.Actor;
import dev.maestro.task.Priority;
import dev.maestro.task.TimeBound;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a run was started under; recorded with its start and never changed.
 *
 * @param priority how urgent it is among the runs
 * @param timeLimit how long it may take from its start, or null for any time
 * @param owner whose side answers its questions and lets it go on (M2-05), or null for anybody;
 *     anybody may look, pause, stop and cancel
 * @param closed whether only the owner's side claims its tasks; never where nobody owns it
 */
public record Terms(
    Priority priority, @Nullable Duration timeLimit, @Nullable Actor owner, boolean closed) {

  /** What a run has that was started without a word about it. */
  public static final Terms DEFAULT = new Terms(Priority.DEFAULT, null);

  /** Check the time limit. */
  public Terms {
    closed = closed && owner != null;
    Objects.requireNonNull(priority, "priority");
    if (timeLimit != null && !TimeBound.allows(timeLimit)) {
      throw new IllegalArgumentException("a time limit " + TimeBound.RULE);
    }
  }

  /** Make terms of a run that nobody owns. */
  public Terms(Priority priority, @Nullable Duration timeLimit) {
    this(priority, timeLimit, null, false);
  }

  /** {@return the same, of this priority} */
  public Terms priority(Priority other) {
    return new Terms(other, timeLimit, owner, closed);
  }

  /** {@return the same, with this time limit} */
  public Terms timeLimit(Duration inAll) {
    return new Terms(priority, inAll, owner, closed);
  }

  /** {@return the same, owned by this side, which alone claims tasks, too} */
  public Terms owner(Actor side) {
    return new Terms(priority, timeLimit, side, true);
  }

  /** {@return the same, with tasks that anybody may claim} */
  public Terms openToClaims() {
    return new Terms(priority, timeLimit, owner, false);
  }

  /** {@return whether this one may answer its questions and let it go on} */
  public boolean admits(Actor actor) {
    return owner == null || actor.isOf(owner) || actor.equals(Actor.MAESTRO);
  }

  /** {@return whether this one may claim its tasks} */
  boolean admitsClaimBy(Actor actor) {
    return !closed || admits(actor);
  }

  /** {@return the same, with this limit where none is set} */
  Terms orLimit(@Nullable Duration limit) {
    return timeLimit == null && limit != null ? timeLimit(limit) : this;
  }
}
