package dev.maestro.policy;

import dev.maestro.approval.Asking;
import dev.maestro.task.Risk;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What people have to say about a step: how risky it is, when they agree to it, whether they review
 * it, and how they are asked.
 *
 * <p>By default nothing is asked by these rules, whatever the risk. Where a pipeline and a step in
 * it both say something, the step's word counts; a review or a rollback is one if either wants it;
 * only a step's own word has it wait for a claim.
 *
 * @param risk how much harm the step could do, or null when nobody has said so
 * @param autonomy what chooses the tiers and the rollback that are not said, or null for none
 * @param tiers when people agree, or null for those of the level
 * @param review whether its work is looked at before it is accepted
 * @param rollback whether the files of a failed attempt are put back to what was accepted
 * @param claimed whether it waits for somebody who claims it, and is never begun by Maestro
 * @param asking how people are asked, or null for the usual way
 */
public record Oversight(
    @Nullable Risk risk,
    @Nullable AutonomyLevel autonomy,
    @Nullable Tiers tiers,
    boolean review,
    boolean rollback,
    boolean claimed,
    @Nullable Asking asking) {

  /** Nobody is asked anything. */
  public static final Oversight NONE = new Oversight(null, null, null, false, false, false, null);

  /** {@return whether nothing is said} */
  public boolean isNone() {
    return equals(NONE);
  }

  /** {@return what holds for a step inside} */
  public Oversight and(Oversight inner) {
    return new Oversight(
        inner.risk == null ? risk : inner.risk,
        inner.autonomy == null ? autonomy : inner.autonomy,
        inner.tiers == null && inner.autonomy == null ? tiers : inner.tiers,
        review || inner.review,
        rollback || inner.rollback,
        inner.claimed,
        inner.asking == null ? asking : inner.asking);
  }

  /** {@return when people have to agree to work of this risk} */
  public Signoff signoff(Risk of) {
    return effectiveTiers().map(all -> all.of(of)).orElse(Signoff.NONE);
  }

  /** {@return when people have to agree, if that is said} */
  public Optional<Tiers> effectiveTiers() {
    Tiers chosen = tiers == null && autonomy != null ? autonomy.tiers() : tiers;
    return Optional.ofNullable(chosen);
  }

  /** {@return how risky it is: what was said, or what nobody has judged, which is not little} */
  public Risk effectiveRisk() {
    return risk == null ? Risk.MEDIUM : risk;
  }

  /** {@return whether the files of a failed attempt are put back} */
  public boolean rollsBack() {
    return rollback || autonomy != null && autonomy.rollsBack();
  }

  /** {@return how people are asked} */
  public Asking effectiveAsking() {
    return asking == null ? Asking.DEFAULT : asking;
  }

  /** {@return the same, of this risk} */
  public Oversight risk(Risk how) {
    return new Oversight(how, autonomy, tiers, review, rollback, claimed, asking);
  }

  /** {@return the same, at this level} */
  public Oversight autonomy(AutonomyLevel level) {
    return new Oversight(risk, level, tiers, review, rollback, claimed, asking);
  }

  /** {@return the same, with these tiers} */
  public Oversight tiers(Tiers all) {
    return new Oversight(risk, autonomy, all, review, rollback, claimed, asking);
  }

  /** {@return the same, with a review} */
  public Oversight reviewed() {
    return new Oversight(risk, autonomy, tiers, true, rollback, claimed, asking);
  }

  /** {@return the same, with a rollback after a failure} */
  public Oversight rollingBack() {
    return new Oversight(risk, autonomy, tiers, review, true, claimed, asking);
  }

  /** {@return the same, waiting for a claim} */
  public Oversight byClaim() {
    return new Oversight(risk, autonomy, tiers, review, rollback, true, asking);
  }

  /** {@return the same, asked this way} */
  public Oversight asking(Asking how) {
    return new Oversight(risk, autonomy, tiers, review, rollback, claimed, how);
  }
}
