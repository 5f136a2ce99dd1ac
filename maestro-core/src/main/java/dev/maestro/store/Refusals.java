package dev.maestro.store;

import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What cannot be trusted because the log is damaged; immutable. */
final class Refusals {

  private final List<Damage> damages;
  private final Map<RunKey, Damage> runs = new HashMap<>();
  private final Map<RecordKey, Damage> records = new HashMap<>();
  private final Map<Long, Lost> lost;
  private final @Nullable Damage unexplained;
  private final @Nullable Doubt doubt;

  /**
   * What the log had of a name, and has no more.
   *
   * @param damage where it was lost
   * @param revision how often it had been written by then
   * @param filed whether it stood so in a file of its own, or may have
   */
  record Lost(Damage damage, long revision, boolean filed) {

    /** {@return whether a file with this in its first line is older than what is lost} */
    boolean isNewerThan(RunFile.Head head) {
      // its way into the file counted, too
      return revision > head.revision() + (filed ? 1 : 0);
    }

    Lost later(Lost other) {
      return other.revision > revision ? new Lost(damage, other.revision, other.filed) : this;
    }
  }

  /**
   * Damage of which nobody knows what it touched: any run that lay in a file may have come back
   * into the log in it.
   *
   * @param damage where
   * @param cleared by hash, runs that moved into their files behind it
   */
  record Doubt(Damage damage, Set<Long> cleared) {

    /** Copy the set. */
    Doubt {
      cleared = Set.copyOf(cleared);
    }
  }

  /**
   * List what is refused.
   *
   * @param lost by the hashes of names, what the log knows no more
   * @param unexplained damage of which nobody knows what it touched, if there is any
   * @param doubt what that means for runs in files; null when it means nothing
   */
  Refusals(
      List<Damage> damages,
      Map<Slot, Damage> slots,
      Map<Long, Lost> lost,
      @Nullable Damage unexplained,
      @Nullable Doubt doubt) {
    this.damages = damages;
    this.lost = Map.copyOf(lost);
    this.unexplained = unexplained;
    this.doubt = doubt;
    for (Map.Entry<Slot, Damage> slot : slots.entrySet()) {
      add(slot.getKey(), slot.getValue());
    }
  }

  OpenReport report(long tornBytes) {
    return new OpenReport(
        tornBytes,
        damages,
        runs.isEmpty() ? List.of() : sortedRuns(),
        List.copyOf(new TreeSet<>(records.keySet())),
        lost.size(),
        unexplained != null);
  }

  private List<RunKey> sortedRuns() {
    return runs.keySet().stream().sorted(Comparator.comparing(RunKey::toString)).toList();
  }

  /** Throw when the run may have lost something; {@code known} tells whether anything is left. */
  void check(RunKey run, boolean known) {
    if (!damages.isEmpty()) {
      check("run " + run, runs.get(run), Slot.hash(run), known);
    }
  }

  /**
   * Throw when the record may have lost something; {@code known} tells whether anything is left.
   */
  void check(RecordKey record, boolean known) {
    if (!damages.isEmpty()) {
      check("record " + record, records.get(record), Slot.hash(record), known);
    }
  }

  /** Throw when any record may be lost. */
  void checkRecords() {
    if (unexplained != null) {
      throw refuse("the list of all records", unexplained);
    }
    records.forEach(
        (key, damage) -> {
          throw refuse("record " + key, damage);
        });
    lost.values().stream()
        .findFirst()
        .ifPresent(
            one -> {
              throw refuse("the list of all records", one.damage());
            });
  }

  /** Throw when a namespace may have lost a record. */
  void check(Tenant tenant, String namespace) {
    String what = "namespace " + tenant + "/" + namespace;
    if (unexplained != null) {
      throw refuse(what, unexplained);
    }
    records.forEach(
        (key, damage) -> {
          if (key.tenant().equals(tenant) && key.namespace().equals(namespace)) {
            throw refuse(what, damage);
          }
        });
    int hash = Slot.namespaceHash(tenant.value(), namespace);
    lost.forEach(
        (name, one) -> {
          if ((int) (name >>> 32) == hash) {
            throw refuse(what, one.damage());
          }
        });
  }

  /** {@return what the log had of a run, and has no more} */
  Optional<Lost> lost(RunKey run) {
    return Optional.ofNullable(lost.get(Slot.hash(run)));
  }

  /** {@return where something may have been lost that was written to a run after its file} */
  Optional<Damage> doubt(RunKey run) {
    return Optional.ofNullable(doubt)
        .filter(one -> !one.cleared().contains(Slot.hash(run)))
        .map(Doubt::damage);
  }

  /** {@return a finding for each run that was in the log and is refused by name} */
  List<Verification.Finding> ofRuns() {
    List<Verification.Finding> findings = new ArrayList<>();
    for (RunKey run : report(0).refusedRuns()) {
      Damage damage = Objects.requireNonNull(runs.get(run));
      String what = "run " + run + " cannot be used: " + damage;
      findings.add(
          new Verification.Finding(Verification.Kind.LOG, damage.file(), damage.offset(), what));
    }
    return findings;
  }

  /** {@return whether the run was in the log and is refused by name} */
  boolean refuses(RunKey run) {
    return runs.containsKey(run);
  }

  private void add(Slot slot, Damage damage) {
    if (slot instanceof Slot.OfRun run) {
      runs.put(run.key, damage);
    } else if (slot instanceof Slot.OfRecord record) {
      records.put(record.key, damage);
    }
  }

  private void check(String what, @Nullable Damage damage, long hash, boolean known) {
    if (damage != null) {
      throw refuse(what, damage);
    }
    Lost nameless = lost.get(hash);
    if (!known && nameless != null) {
      throw refuse(what, nameless.damage());
    }
    if (!known && unexplained != null) {
      throw refuse(what, unexplained);
    }
  }

  private static StoreException refuse(String what, Damage damage) {
    return new StoreException(
        what
            + " cannot be used: "
            + damage
            + ", has or may have lost a part of it; restore the store from a copy");
  }
}
