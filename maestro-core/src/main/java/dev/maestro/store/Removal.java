package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Removes runs that are not to be kept, and blobs that nothing names; notes what people say. */
final class Removal {

  private static final Comparator<Kept> LATEST_FIRST =
      Comparator.comparing(Kept::updatedAt).reversed().thenComparing(kept -> kept.run().toString());

  private final OpenFileStore.Parts parts;
  private final GroupCommit group;
  private final Audit audit;
  private final EntryWriter entries = new EntryWriter();

  /** A run in a file of its own. */
  private record Kept(RunKey run, Path file, Instant updatedAt, long bytes, long events) {}

  Removal(OpenFileStore.Parts parts, GroupCommit group, Audit audit) {
    this.parts = parts;
    this.group = group;
    this.audit = audit;
  }

  // ------------------------------------------------------------------ runs

  /**
   * Remove what is not to be kept.
   *
   * @return how many runs
   */
  int retain(Retention rule, Instant now, BooleanSupplier goOn) throws IOException {
    if (rule.equals(Retention.everything())) {
      return 0;
    }
    long runs = 0;
    long bytes = 0;
    int removed = 0;
    for (Kept kept : candidates()) {
      runs++;
      bytes += kept.bytes();
      Optional<String> reason = reason(rule, now, kept, runs, bytes);
      if (reason.isPresent() && goOn.getAsBoolean()) {
        remove(kept, reason.get(), now);
        removed++;
      }
    }
    return removed;
  }

  /** {@return why this run is not kept, which is so many-th of those that have ended} */
  private static Optional<String> reason(
      Retention rule, Instant now, Kept kept, long runs, long bytes) {
    if (rule.age() != null && kept.updatedAt().isBefore(now.minus(rule.age()))) {
      return Optional.of("changed last at " + kept.updatedAt() + ", kept for " + rule.age());
    }
    if (rule.runs() != null && runs > rule.runs()) {
      return Optional.of("only the latest " + rule.runs() + " runs are kept");
    }
    if (rule.bytes() != null && bytes > rule.bytes()) {
      return Optional.of("only " + rule.bytes() + " bytes are kept");
    }
    return Optional.empty();
  }

  private List<Kept> candidates() throws IOException {
    List<Kept> candidates = new ArrayList<>();
    for (Path file : parts.archive().files()) {
      Optional<RunFile.Head> head = Archive.headIfIntact(file);
      if (head.isPresent()) {
        candidate(head.get(), file).ifPresent(candidates::add);
      }
    }
    candidates.sort(LATEST_FIRST);
    return candidates;
  }

  private Optional<Kept> candidate(RunFile.Head head, Path file) throws IOException {
    // What is in the log, too, goes on.
    return head.index() == null || parts.view().knows(head.run())
        ? Optional.empty()
        : Optional.of(
            new Kept(
                head.run(), file, head.index().updatedAt(), Files.size(file), head.sequence()));
  }

  /** Each step may be the last before a crash: the line, the log, the file. */
  private void remove(Kept kept, String reason, Instant now) throws IOException {
    audit.append(
        new Audit.Entry(now, "run " + kept.run(), reason, kept.events(), sha256(kept.file())));
    boolean removed = group.write(batch -> removed(kept.run(), batch));
    if (removed) {
      parts.archive().delete(kept.run());
    }
  }

  /** Take a run whose file is lost off the list, because somebody has said so. */
  void forget(RunKey run, String why, Instant now) throws IOException {
    if (parts.view().knows(run) || parts.archive().isThere(run)) {
      throw new StoreException("run " + run + " is there; only a run that is lost is forgotten");
    }
    if (!parts.archive().has(run)) {
      throw new StoreException("nothing is known of a run " + run);
    }
    audit.append(new Audit.Entry(now, "run " + run, why, 0, ""));
    group.write(batch -> removed(run, batch));
    parts.archive().forget(run);
  }

  /** Note that a run lies in its file as that is now, because somebody has said so. */
  void vouch(RunKey run, String why, Instant now) throws IOException {
    if (parts.view().knows(run)) {
      throw new StoreException("run " + run + " is in the log and can be used");
    }
    Archive.Whole whole = parts.archive().whole(run);
    boolean isRefused =
        parts.refusals().refuses(run)
            || parts
                .archive()
                .wrong(run, whole.head(), whole.checksum(), parts.view().file(run))
                .isPresent();
    if (!isRefused) {
      throw new StoreException("run " + run + " is not refused");
    }
    audit.append(
        new Audit.Entry(
            now,
            "run " + run + " vouched for",
            why,
            whole.head().sequence(),
            sha256(parts.archive().file(run))));
    group.write(batch -> filed(whole, batch));
  }

  private boolean filed(Archive.Whole whole, Batch batch) {
    RunKey run = whole.head().run();
    Slot.OfRun slot = new Slot.OfRun(run);
    slot.revision = whole.head().revision() + 1;
    batch.touchFiled(slot);
    batch.changes.add(entries.archived(slot, whole.checksum(), batch.bytes));
    parts.contents().drop(run);
    return true;
  }

  private boolean removed(RunKey run, Batch batch) {
    boolean archived = parts.contents().find(run).isEmpty();
    if (archived) {
      batch.changes.add(entries.removed(run, batch.bytes));
    }
    return archived;
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = BlobId.sha256();
    byte[] chunk = new byte[1 << 16];
    try (InputStream in = new FileInputStream(file.toFile())) {
      for (int count = in.read(chunk); count > 0; count = in.read(chunk)) {
        digest.update(chunk, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  // ------------------------------------------------------------------ blobs

  /**
   * Delete blobs that no event, no record and no such blob names.
   *
   * <p>Runs and records are listed first: what is written later names blobs that were put since the
   * store was opened, which stay, or that were named before.
   *
   * @param goOn whether to go on; where not all was read nothing is deleted
   * @return how many
   */
  int collectBlobs(Upkeep upkeep, BooleanSupplier goOn) throws IOException {
    if (parts.blobs().files().isEmpty()) {
      return 0;
    }
    int missing = parts.archive().missing().size();
    if (missing > 0) {
      throw new StoreException("runs whose files are missing may name any blob: " + missing);
    }
    BlobRefs refs = new BlobRefs();
    Deque<BlobId> open = new ArrayDeque<>();
    View.State state = parts.view().state();
    for (View.OfRecord record : state.records()) {
      scan(record.json == null ? new byte[0] : record.json, refs, open);
    }
    for (View.OfRun run : state.runs()) {
      if (goOn.getAsBoolean()) {
        upkeep.forEach(run.key, event -> scan(event.envelope().json(), refs, open));
      }
    }
    for (Path file : parts.archive().files()) {
      if (goOn.getAsBoolean()) {
        scanFile(file, refs, open);
      }
    }
    while (!open.isEmpty() && goOn.getAsBoolean()) {
      Optional<byte[]> bytes = parts.blobs().get(open.pop());
      scan(bytes.orElseGet(() -> new byte[0]), refs, open);
    }
    // whoever is told to stop is so for good
    return parts.blobs().deleteAllBut(refs.found(), goOn);
  }

  private static void scanFile(Path file, BlobRefs refs, Deque<BlobId> open) throws IOException {
    try (InputStream in = new FileInputStream(file.toFile())) {
      RunFileReader reader = new RunFileReader(file.toString(), in);
      for (RunFile.Line line = reader.next(); line != null; line = reader.next()) {
        if (line instanceof RunFile.Event event) {
          scan(event.event().envelope().json(), refs, open);
        }
      }
    }
  }

  private static void scan(byte[] bytes, BlobRefs refs, Deque<BlobId> open) {
    open.addAll(refs.scan(bytes));
  }
}
