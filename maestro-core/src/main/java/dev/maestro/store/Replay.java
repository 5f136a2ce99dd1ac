package dev.maestro.store;

import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds a store from its log and finds out what damage has touched.
 *
 * <p>Every run and every record counts the commits that touched it, and the count is in the log. So
 * whatever skips a number has lost something. A later {@link Trail} tells how far the counts of all
 * that was touched lately had come; what does not stand in it was not touched. Where no trail
 * reaches back to the damage, only what was written again afterwards, without skipping a number, is
 * proved to be untouched, and everything else is refused.
 */
final class Replay implements LogScan.Visitor {

  final Contents contents = new Contents();
  final View view = new View();
  final Trail trail;

  // of runs and records whose first commits lay in segments that are deleted
  private final boolean startsLate;
  private final List<Gap> gaps = new ArrayList<>();
  private final Map<Slot, Damage> refused = new IdentityHashMap<>();
  private final Map<Long, Refusals.Lost> lost = new HashMap<>();
  private final Set<RunKey> removed = new HashSet<>();
  // by hash, runs that were moved into files
  private final Map<Long, Archived> archived = new HashMap<>();
  private long bytes;
  private final Map<String, String> strings = new HashMap<>();

  private record Archived(RunKey run, long revision, boolean isGone) {

    /** {@return whether this is what a trail may mean that says this of the name} */
    boolean explains(Trail.Touch touch) {
      // whoever bears a name that was removed is counted from the start
      return isGone ? touch.revision() == revision && touch.filed() : touch.revision() <= revision;
    }
  }

  /** Begin with what the log begins with, and the runs that lay in files then. */
  Replay(LogBase base, RunFiles files) {
    this.startsLate = !base.isFirst();
    view.restore(files);
    this.trail = new Trail(base.batch());
    contents.leases.atLeast(base.token());
  }

  /** Begin with what a snapshot says. */
  Replay(Snapshot snapshot) {
    this.startsLate = false;
    this.trail = new Trail(snapshot.state().tail().number());
    view.restore(snapshot.state());
    contents.restore(snapshot.state());
    contents.leases.atLeast(snapshot.token());
  }

  /**
   * Note that it is not known any more which runs lay in files where the log begins.
   *
   * <p>No commit is lost with that list: what was needed of the segments before was written again.
   */
  void lostList(Damage damage) {
    damage(damage);
    gaps.get(gaps.size() - 1).hidesCommits = false;
  }

  @Override
  public void damage(Damage damage) {
    gaps.add(new Gap(damage));
    if (damage.firstBatch() == 0) {
      return;
    }
    contents.leases.skipTokens(damage.length());
    trail.restart(damage.lastBatch() + 1);
  }

  @Override
  public void batch(Frame frame, byte[] array, int at) {
    BatchReader reader = new BatchReader(frame, at);
    try {
      reader.read(new Cursor(array, at + Frame.HEADER, at + frame.length()));
    } catch (IndexOutOfBoundsException
        | IllegalArgumentException
        | ArithmeticException
        | DateTimeException e) {
      throw new StoreException(
          "batch " + frame.number() + " is intact but makes no sense to this version", e);
    }
    view.publish(reader.changes, frame.position(), LogScan.Tail.after(frame));
    trail.endBatch(frame.number(), frame.length());
    bytes += frame.length();
  }

  /**
   * Compare with a snapshot of later batches, which are lost.
   *
   * @param lost where they lay
   */
  void compare(Snapshot snapshot, Damage lost) {
    damage(lost);
    Map<Long, Trail.Touch> touched = new HashMap<>();
    snapshot.state().runs().forEach(run -> put(touched, Slot.hash(run.key), run.revision));
    snapshot.state().records().forEach(r -> put(touched, Slot.hash(r.key), r.version));
    explainGaps(1, touched);
    Gap gap = lastGap(lost);
    contents.runs().filter(run -> !touched.containsKey(run.hash)).forEach(run -> refuse(run, gap));
    contents.leases.atLeast(snapshot.token());
    view.restore(snapshot.state().files());
  }

  private static void put(Map<Long, Trail.Touch> touched, long hash, long revision) {
    touched.put(hash, new Trail.Touch(hash, revision, false));
  }

  /** {@return how many bytes of the log were read} */
  long bytes() {
    return bytes;
  }

  /** {@return the runs that a later entry of the log says are gone} */
  Set<RunKey> removed() {
    return removed;
  }

  /** {@return the names of the runs that the log says were moved into files, by their hashes} */
  Map<Long, RunKey> archived() {
    Map<Long, RunKey> names = new HashMap<>();
    archived.forEach(
        (hash, file) -> {
          if (!file.isGone()) {
            names.put(hash, file.run());
          }
        });
    return names;
  }

  /** {@return what has to be refused, now that the whole log was seen} */
  Refusals refusals() {
    for (RunKey key : view.incomplete()) {
      Slot.OfRun run = contents.run(key);
      refuse(run, lastGap(run));
    }
    @Nullable Damage unexplained = null;
    Refusals.@Nullable Doubt doubt = null;
    List<Damage> damages = new ArrayList<>();
    for (Gap gap : gaps) {
      damages.add(gap.damage);
      if (!gap.explained) {
        unexplained = gap.damage;
        doubt = gap.hidesCommits ? new Refusals.Doubt(gap.damage, gap.filedSince) : doubt;
        slots().filter(slot -> !gap.seenSince.contains(slot)).forEach(slot -> refuse(slot, gap));
      }
    }
    for (Slot slot : refused.keySet()) {
      if (slot instanceof Slot.OfRun run) {
        view.hide(run.key);
      }
    }
    return new Refusals(damages, refused, lost, unexplained, doubt);
  }

  private Stream<Slot> slots() {
    return Stream.concat(contents.runs(), contents.records());
  }

  private void refuse(Slot slot, Gap gap) {
    refused.putIfAbsent(slot, gap.damage);
    lost.remove(slot.hash);
  }

  /** Count a commit that touches this slot, and notice when one before it is missing. */
  private void advance(Slot slot, long revision) {
    boolean beganEarlier = startsLate && slot.revision == 0;
    if (revision != slot.revision + 1 && !beganEarlier) {
      refuse(slot, lastGap(slot));
    }
    reached(slot, revision);
  }

  private void reached(Slot slot, long revision) {
    slot.revision = revision;
    Archived file = archived.get(slot.hash);
    // it has come back from its file as it stands there
    boolean filed = file != null && !file.isGone() && file.revision() == revision;
    trail.touch(new Trail.Touch(slot.hash, revision, filed));
    for (Gap gap : gaps) {
      if (!gap.explained) {
        gap.seenSince.add(slot);
      }
    }
  }

  private Gap lastGap(Object of) {
    if (gaps.isEmpty()) {
      throw new StoreException("the log leaves out a commit without being damaged: " + of);
    }
    return gaps.get(gaps.size() - 1);
  }

  private void explainGaps(long since, Map<Long, Trail.Touch> touched) {
    Map<Long, Slot> byHash = new HashMap<>();
    slots().forEach(slot -> byHash.put(slot.hash, slot));
    Gap last = gaps.get(gaps.size() - 1);
    touched.forEach(
        (hash, touch) -> {
          Slot slot = byHash.get(hash);
          if (slot == null) {
            Archived file = archived.get(hash);
            if (file == null || !file.explains(touch)) {
              Refusals.Lost one = new Refusals.Lost(last.damage, touch.revision(), touch.filed());
              lost.merge(hash, one, Refusals.Lost::later);
            }
          } else if (slot.revision < touch.revision()) {
            refuse(slot, last);
            slot.revision = touch.revision();
          }
        });
    gaps.stream().filter(gap -> since <= gap.damage.firstBatch()).forEach(Gap::explain);
  }

  /** Batches that cannot be read, and what is known about them. */
  private static final class Gap {
    final Damage damage;
    final Set<Slot> seenSince = Collections.newSetFromMap(new IdentityHashMap<>());
    // by hash, runs that were moved into files later
    final Set<Long> filedSince = new HashSet<>();
    boolean explained;
    boolean hidesCommits = true;

    Gap(Damage damage) {
      this.damage = damage;
      this.explained = damage.firstBatch() == 0;
    }

    void explain() {
      explained = true;
      seenSince.clear();
      filedSince.clear();
    }
  }

  /** Reads the entries of one batch. */
  private final class BatchReader {
    final List<Change> changes = new ArrayList<>();
    private final Frame frame;
    private final int at;
    // of the commit that is being read
    private Slot.@Nullable OfRun run;
    private long firstSequence;
    private boolean appends;
    private final List<Integer> events = new ArrayList<>();
    private @Nullable RunIndex index;

    BatchReader(Frame frame, int at) {
      this.frame = frame;
      this.at = at;
    }

    void read(Cursor entries) {
      while (entries.hasMore()) {
        int offset = entries.at() - at;
        int kind = entries.u8();
        if (kind == EntryWriter.END) {
          break;
        }
        entry(kind, entries.next(entries.count()), offset);
      }
      endCommit();
    }

    private void entry(int kind, Cursor content, int offset) {
      switch (kind) {
        case EntryWriter.COMMIT -> startCommit(content);
        case EntryWriter.EVENT -> events.add(offset);
        case EntryWriter.INDEX -> index = index(content);
        case EntryWriter.RECORD -> record(content);
        case EntryWriter.LEASE -> contents.leases.put(lease(content));
        case EntryWriter.RELEASE -> release(content);
        case EntryWriter.TRAIL -> trail(content);
        case EntryWriter.MOVED -> startMoved(content);
        case EntryWriter.MOVED_RECORD -> movedRecord(content);
        case EntryWriter.ARCHIVED -> archived(content);
        case EntryWriter.REMOVED -> removed(content);
        default ->
            throw new StoreException(
                "batch "
                    + frame.number()
                    + " holds an entry of kind "
                    + kind
                    + ", which only a newer version of Maestro can read");
      }
    }

    private void startCommit(Cursor content) {
      endCommit();
      Slot.OfRun slot = contents.run(name(content));
      advance(slot, content.varint());
      slot.token = Math.max(slot.token, content.varint());
      slot.sequence = content.varint();
      begin(slot, slot.sequence + 1, true);
    }

    /** What is moved says how the run stands, whether it is known here or not. */
    private void startMoved(Cursor content) {
      endCommit();
      Slot.OfRun slot = contents.run(name(content));
      long revision = content.varint();
      if (slot.revision != 0 && slot.revision != revision) {
        refuse(slot, lastGap(slot));
      }
      reached(slot, revision);
      slot.token = content.varint();
      slot.sequence = content.varint();
      begin(slot, content.varint(), false);
    }

    private void begin(Slot.OfRun slot, long first, boolean appending) {
      run = slot;
      firstSequence = first;
      appends = appending;
    }

    private void endCommit() {
      if (run != null) {
        if (appends) {
          run.sequence += events.size();
        }
        int[] offsets = events.stream().mapToInt(Integer::intValue).toArray();
        run.index = index == null ? run.index : index;
        changes.add(
            Change.of(
                new Change.OfRun(
                    run.key,
                    run.revision,
                    run.token,
                    run.sequence,
                    firstSequence,
                    offsets,
                    index)));
        run = null;
        events.clear();
        index = null;
      }
    }

    private void archived(Cursor content) {
      endCommit();
      RunKey key = name(content);
      Optional<Slot.OfRun> slot = contents.drop(key);
      // The file holds all of it, whatever was lost here.
      slot.ifPresent(refused::remove);
      removed.remove(key);
      long hash = Slot.hash(key);
      lost.remove(hash);
      gaps.stream().filter(gap -> !gap.explained).forEach(gap -> gap.filedSince.add(hash));
      long revision = content.varint();
      archived.put(hash, new Archived(key, revision, false));
      trail.touch(new Trail.Touch(hash, revision, true));
      changes.add(Change.archived(key, content.hasMore() ? content.u32() : RunFiles.ANY));
    }

    private void removed(Cursor content) {
      endCommit();
      RunKey key = name(content);
      removed.add(key);
      archived.computeIfPresent(
          Slot.hash(key), (hash, file) -> new Archived(key, file.revision(), true));
      changes.add(Change.removed(key));
    }

    private RunKey name(Cursor content) {
      return new RunKey(tenant(content), RunId.of(content.string()));
    }

    private @Nullable RunIndex index(Cursor content) {
      if (run == null) {
        throw new StoreException("batch " + frame.number() + " holds an index entry of no run");
      }
      return EntryWriter.readIndex(run.key, content, this::same);
    }

    private void record(Cursor content) {
      Slot.OfRecord slot = contents.record(key(content));
      long version = content.varint();
      advance(slot, version);
      record(slot, version, content);
    }

    private void movedRecord(Cursor content) {
      Slot.OfRecord slot = contents.record(key(content));
      long version = content.varint();
      if (slot.revision != 0 && slot.revision != version) {
        refuse(slot, lastGap(slot));
      }
      reached(slot, version);
      record(slot, version, content);
    }

    private void record(Slot.OfRecord slot, long version, Cursor content) {
      slot.exists = content.u8() == 1;
      byte[] json = slot.exists ? content.block() : null;
      changes.add(Change.of(new Change.OfRecord(slot.key, version, json)));
    }

    private RecordKey key(Cursor content) {
      return new RecordKey(tenant(content), word(content), content.string());
    }

    private Lease lease(Cursor content) {
      return new Lease(content.string(), content.string(), content.varint(), content.instant());
    }

    private void release(Cursor content) {
      contents.leases.release(new Lease(content.string(), "", content.varint(), Instant.EPOCH));
    }

    private void trail(Cursor content) {
      long since = content.varint();
      if (since == trail.since()) {
        trail.written();
      }
      if (gaps.stream().anyMatch(gap -> !gap.explained)) {
        explainGaps(since, touched(content));
      }
    }

    /** A trail of a version that did not say which of them stood so in a file may mean any. */
    private Map<Long, Trail.Touch> touched(Cursor content) {
      List<Trail.Touch> all = new ArrayList<>();
      for (int left = content.count(); left > 0; left--) {
        all.add(new Trail.Touch(content.u64(), content.varint(), false));
      }
      BitSet filed = new BitSet();
      if (content.hasMore()) {
        int at = 0;
        for (int left = content.count(); left > 0; left--) {
          at += content.count();
          filed.set(at++);
        }
      } else {
        filed.set(0, all.size());
      }
      Map<Long, Trail.Touch> touched = new HashMap<>();
      for (int i = 0; i < all.size(); i++) {
        Trail.Touch one = all.get(i);
        touched.put(one.hash(), new Trail.Touch(one.hash(), one.revision(), filed.get(i)));
      }
      return touched;
    }

    private Tenant tenant(Cursor content) {
      return Tenant.of(word(content));
    }

    private String word(Cursor content) {
      return same(content.string());
    }

    private String same(String word) {
      return strings.computeIfAbsent(word, w -> w);
    }
  }
}
