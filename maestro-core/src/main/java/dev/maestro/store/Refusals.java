package dev.maestro.store;

import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What cannot be trusted because the log is damaged; immutable. */
final class Refusals {

  private final List<Damage> damages;
  private final Map<RunKey, Damage> runs = new HashMap<>();
  private final Map<RecordKey, Damage> records = new HashMap<>();
  private final Map<Long, Lost> lost;
  private final @Nullable Damage unexplained;

  /**
   * What the log had of a name, and has no more.
   *
   * @param damage where it was lost
   * @param revision how often it had been written by then
   */
  record Lost(Damage damage, long revision) {

    Lost later(Lost other) {
      return other.revision > revision ? new Lost(damage, other.revision) : this;
    }
  }

  /**
   * List what is refused.
   *
   * @param lost by the hashes of names, what the log knows no more
   * @param unexplained damage of which nobody knows what it touched, if there is any
   */
  Refusals(
      List<Damage> damages,
      Map<Slot, Damage> slots,
      Map<Long, Lost> lost,
      @Nullable Damage unexplained) {
    this.damages = damages;
    this.lost = Map.copyOf(lost);
    this.unexplained = unexplained;
    slots.forEach(this::add);
  }

  OpenReport report(long tornBytes) {
    return new OpenReport(
        tornBytes,
        damages,
        runs.keySet().stream().sorted(Comparator.comparing(RunKey::toString)).toList(),
        records.keySet().stream().sorted().toList(),
        lost.size(),
        unexplained != null);
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

  /**
   * {@return where that was lost which was written to a run after its file, if anything was}
   *
   * @param revision how often it had been written when it moved into the file
   */
  Optional<Damage> lostSince(RunKey run, long revision) {
    return Optional.ofNullable(lost.get(Slot.hash(run)))
        .filter(one -> one.revision() > revision)
        .map(Lost::damage);
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
