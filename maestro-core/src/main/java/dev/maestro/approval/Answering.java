package dev.maestro.approval;

import dev.maestro.task.Actor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may answer a question, until when, and who has said yes so far.
 *
 * @param expiresAt when silence becomes a no, or null for never
 * @param quorum how many different people have to say yes
 * @param owner whose side answers (M2-05), or null for anybody; everybody may look
 * @param delegates to whom it was handed on, and who may answer too
 * @param approvedBy who has said yes, in this order; fewer than the quorum while the question waits
 */
public record Answering(
    @Nullable Instant expiresAt,
    int quorum,
    @Nullable Actor owner,
    List<Actor> delegates,
    List<Actor> approvedBy) {

  /** Anybody may answer at any time, and one yes is enough. */
  public static final Answering DEFAULT = new Answering(null, 1, null, List.of(), List.of());

  /** Copy the lists. */
  public Answering {
    if (quorum < 1) {
      throw new IllegalArgumentException("a quorum is at least 1, not " + quorum);
    }
    delegates = List.copyOf(delegates);
    approvedBy = List.copyOf(approvedBy);
  }

  /** {@return that of a question which is asked now} */
  public static Answering of(Asking asking, Instant now, @Nullable Actor owner) {
    Instant expiresAt = asking.patience() == null ? null : now.plus(asking.patience());
    return new Answering(expiresAt, asking.quorum(), owner, List.of(), List.of());
  }

  /** {@return whether this one's answer counts} */
  public boolean admits(Actor actor) {
    return owner == null || actor.isOf(owner) || delegates.contains(actor);
  }

  /** {@return whether its time is over} */
  public boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  /** {@return whether one more yes is enough} */
  public boolean needsOneMore() {
    return approvedBy.size() + 1 >= quorum;
  }

  /** {@return the same, with so much more time} */
  public Answering waitingFor(Duration more) {
    return expiresAt == null
        ? this
        : new Answering(expiresAt.plus(more), quorum, owner, delegates, approvedBy);
  }

  /** {@return the same for a question that takes the place of one that nobody has answered} */
  public Answering inPlaceOf(Answering withdrawn) {
    Instant until =
        expiresAt == null || withdrawn.expiresAt == null ? expiresAt : withdrawn.expiresAt;
    return new Answering(until, quorum, owner, withdrawn.delegates, List.of());
  }

  /** {@return the same after a yes of this one} */
  public Answering approvedBy(Actor actor) {
    return new Answering(expiresAt, quorum, owner, delegates, with(approvedBy, actor));
  }

  /** {@return the same, handed on to this one} */
  public Answering handedOnTo(Actor actor) {
    return delegates.contains(actor)
        ? this
        : new Answering(expiresAt, quorum, owner, with(delegates, actor), approvedBy);
  }

  private static List<Actor> with(List<Actor> some, Actor one) {
    List<Actor> all = new ArrayList<>(some);
    all.add(one);
    return all;
  }
}
