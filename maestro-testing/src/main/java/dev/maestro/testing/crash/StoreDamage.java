package dev.maestro.testing.crash;

import dev.maestro.store.BlobId;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.testing.crash.CrashPoint.Kind;
import dev.maestro.testing.crash.CrashReport.Tried;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Damages copies of one store and judges what opening them brings: everything, everything but a
 * tail that nobody can know of, or a refusal by place. Anything else is wrong.
 */
final class StoreDamage {

  private static final List<String> LOCKS = List.of("lock", "owner");

  private final Path store;
  private final Path scratch;
  private final String where;
  private final Content whole;
  private final List<Tried> tried = new ArrayList<>();

  /**
   * Make one.
   *
   * @param store the store to copy, which is not touched
   * @param scratch where the copies are made, one after the other
   * @param where tells the store from others, for people
   */
  StoreDamage(Path store, Path scratch, String where) throws IOException {
    this.store = store;
    this.scratch = scratch;
    this.where = where;
    renew();
    this.whole = Content.seenIn(scratch);
  }

  List<Tried> tried() {
    return tried;
  }

  private void renew() throws IOException {
    Place.delete(scratch);
    Place.copy(store, scratch);
  }

  /** Looking changes nothing, and so does not have to be undone thousands of times. */
  private Content contentWithLog(Batches log, byte[] bytes) throws IOException {
    Files.write(inScratch(log.file()), bytes);
    return Content.seenIn(scratch);
  }

  private Path inScratch(Path file) {
    return scratch.resolve(store.relativize(file));
  }

  // ------------------------------------------------------------------ the tail

  /** Cut the last batch at bytes of it, so many of them at most. */
  void cut(int most, Random random) throws IOException {
    renew();
    Batches log = Batches.last(store);
    log.forgetProof(scratch);
    int start = log.startOfLast(1);
    Content without = contentWithLog(log, log.zeroed(start, log.end()));
    if (!without.isOpen() || !without.run().isBeginningOf(whole.run())) {
      note(Kind.CUT, "the whole batch", CrashEnding.DIFFERENT, "the store is not as it was before");
    }
    for (int at : chosen(start, log.end(), most, random)) {
      byte[] damaged = log.zeroed(at, log.end());
      if (!log.isAsItWas(damaged)) {
        judgeTail(Kind.CUT, "byte " + (at - start), contentWithLog(log, damaged), without);
      }
    }
  }

  private void judgeTail(Kind kind, String place, Content found, Content without) {
    boolean same =
        found.isOpen()
            && found.run().isSameAs(without.run())
            && found.bystander().isSameAs(whole.bystander());
    if (same) {
      note(kind, place, CrashEnding.SAME);
    } else {
      note(kind, place, CrashEnding.DIFFERENT, "not what was there before the batch: " + found);
    }
  }

  private static int[] chosen(int from, int to, int most, Random random) {
    int[] all = IntStream.range(from, to).toArray();
    if (all.length <= most) {
      return all;
    }
    return random.ints(from, to).distinct().limit(most).sorted().toArray();
  }

  // ------------------------------------------------------------------ damage below it

  /** Zero one of the last batches, but not the very last; turn the last ones round. */
  void disorder(int most) throws IOException {
    renew();
    Batches log = Batches.last(store);
    for (int batch = 2; batch <= Math.min(most, log.count()); batch++) {
      byte[] holed = log.zeroed(log.startOfLast(batch), log.startOfLast(batch - 1));
      judge(Kind.HOLED, batch + " from the end", contentWithLog(log, holed));
      byte[] reversed = log.reversed(batch);
      judge(Kind.REORDERED, "the last " + batch, contentWithLog(log, reversed));
    }
  }

  /** Flip single bits of the log, so many. */
  void flip(int bits, Random random) throws IOException {
    Batches last = Batches.last(store);
    List<Batches> all = Batches.all(store);
    renew();
    Content without = contentWithLog(last, last.zeroed(last.startOfLast(1), last.end()));
    for (int i = 0; i < bits; i++) {
      Batches log = all.get(random.nextInt(all.size()));
      flip(log, random.nextInt(log.end()), random.nextInt(Byte.SIZE), without);
    }
  }

  private void flip(Batches log, int at, int bit, Content without) throws IOException {
    renew();
    Content found = contentWithLog(log, flipped(log.bytes(), at, bit));
    String place = log.file().getFileName() + ", bit " + bit + " of byte " + at;
    boolean inTail = log.isSameFileAs(Batches.last(store)) && at >= log.startOfLast(1);
    boolean torn = inTail && found.isOpen() && !found.run().isSameAs(whole.run());
    if (torn && !found.run().isRefused()) {
      judgeTail(Kind.FLIPPED, place, found, without);
    } else {
      judge(Kind.FLIPPED, place, found);
    }
  }

  private static byte[] flipped(byte[] bytes, int at, int bit) {
    byte[] damaged = bytes.clone();
    damaged[at] ^= (byte) (1 << bit);
    return damaged;
  }

  private void judge(Kind kind, String place, Content found) {
    String wrong = wrong(found);
    if (wrong == null && found.run().isRefused() && found.bystander().isRefused()) {
      wrong = "a run is refused that nothing was done to: " + found;
    }
    note(kind, place, found, wrong);
  }

  private void note(Kind kind, String place, Content found, @Nullable String wrong) {
    if (wrong != null) {
      note(kind, place, CrashEnding.DIFFERENT, wrong);
    } else if (found.run().isSameAs(whole.run()) && found.bystander().isSameAs(whole.bystander())) {
      note(kind, place, CrashEnding.UNHURT);
    } else {
      note(kind, place, CrashEnding.REFUSED);
    }
  }

  /** {@return why this cannot stand: something is wrong, or is refused without a place} */
  private @Nullable String wrong(Content found) {
    if (found.refusal() != null) {
      return "the whole store was refused: " + found.refusal();
    }
    if (isWrong(found.run(), whole.run()) || isWrong(found.bystander(), whole.bystander())) {
      return "a run is not what it was and not refused: " + found;
    }
    boolean tellsThePlace =
        Stream.of(found.run(), found.bystander())
            .flatMap(journal -> Stream.ofNullable(journal.refusal()))
            .allMatch(why -> why.contains(scratch.toString()));
    return tellsThePlace ? null : "a run is refused and nobody tells where the damage is: " + found;
  }

  private static boolean isWrong(Content.Journal found, Content.Journal expected) {
    return !found.isRefused() && !found.isSameAs(expected);
  }

  // ------------------------------------------------------------------ files

  /** Take away each file of the store but its blobs, one at a time. */
  void missing() throws IOException {
    for (Path file : files(store)) {
      renew();
      Files.delete(inScratch(file));
      judgeFile(Kind.MISSING, store.relativize(file).toString());
    }
  }

  /** Flip bits of each file of the store but its log and its blobs. */
  void flipFiles(int bits, Random random) throws IOException {
    for (Path file : files(store)) {
      byte[] bytes = Files.readAllBytes(file);
      for (int i = 0; i < bits && !Batches.isSegment(file) && bytes.length > 0; i++) {
        int at = random.nextInt(bytes.length);
        int bit = random.nextInt(Byte.SIZE);
        renew();
        Files.write(inScratch(file), flipped(bytes, at, bit));
        judgeFile(Kind.FLIPPED, store.relativize(file) + ", bit " + bit + " of byte " + at);
      }
    }
  }

  /** Put each file of the store but its log and its blobs back to how it was in an older store. */
  void stale(Path older) throws IOException {
    for (Path file : files(store)) {
      Path before = older.resolve(store.relativize(file));
      boolean differs = Files.exists(before) && Files.mismatch(file, before) >= 0;
      if (differs && !Batches.isSegment(file)) {
        renew();
        Files.write(inScratch(file), Files.readAllBytes(before));
        judgeFile(Kind.STALE, store.relativize(file).toString());
      }
    }
  }

  /** A whole file is more than one run's; so more than one run, or the store, may be refused. */
  private void judgeFile(Kind kind, String file) {
    Content found = Content.of(scratch);
    if (found.refusal() == null) {
      note(kind, file, found, wrong(found));
    } else if (found.refusal().contains(scratch.toString())) {
      note(kind, file, CrashEnding.REFUSED);
    } else {
      note(kind, file, CrashEnding.DIFFERENT, "refused without a place: " + found.refusal());
    }
  }

  /** Flip a bit of each blob. */
  void flipBlobs(Random random) throws IOException {
    for (Path blob : blobs()) {
      renew();
      byte[] bytes = Files.readAllBytes(blob);
      if (bytes.length > 0) {
        int at = random.nextInt(bytes.length);
        Files.write(inScratch(blob), flipped(bytes, at, random.nextInt(Byte.SIZE)));
        judgeBlob(blob);
      }
    }
  }

  private void judgeBlob(Path blob) {
    String place = store.relativize(blob).toString();
    try (Store open = Content.store(scratch).open(InstantSource.system())) {
      if (open.blob(new BlobId(blob.getFileName().toString())).isPresent()) {
        note(Kind.FLIPPED, place, CrashEnding.DIFFERENT, "the wrong bytes are handed out");
      } else {
        note(Kind.FLIPPED, place, CrashEnding.REFUSED);
      }
    } catch (StoreException e) {
      note(Kind.FLIPPED, place, CrashEnding.REFUSED);
    }
  }

  /** Take away each blob, and then all of them, which somebody who looks has to notice. */
  void missingBlobs() throws IOException {
    for (Path blob : blobs()) {
      renew();
      Files.delete(inScratch(blob));
      judgeMissing(blob);
    }
    renew();
    for (Path blob : blobs()) {
      Files.delete(inScratch(blob));
    }
    if (Content.store(scratch).verify().isIntact()) {
      note(Kind.MISSING, "all blobs", CrashEnding.DIFFERENT, "nobody notices that they are gone");
    } else {
      note(Kind.MISSING, "all blobs", CrashEnding.REFUSED);
    }
  }

  private void judgeMissing(Path blob) {
    String place = store.relativize(blob).toString();
    try (Store open = Content.store(scratch).open(InstantSource.system())) {
      if (open.blob(new BlobId(blob.getFileName().toString())).isPresent()) {
        note(Kind.MISSING, place, CrashEnding.DIFFERENT, "bytes are handed out that are not there");
        return;
      }
    }
    boolean noticed =
        Content.store(scratch).verify().findings().stream()
            .anyMatch(finding -> finding.file().equals(inScratch(blob)));
    note(Kind.MISSING, place, noticed ? CrashEnding.REFUSED : CrashEnding.UNHURT);
  }

  private static List<Path> files(Path store) throws IOException {
    try (Stream<Path> files = Files.walk(store)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.startsWith(store.resolve("blobs")))
          .filter(file -> !LOCKS.contains(file.getFileName().toString()))
          .sorted()
          .toList();
    }
  }

  private List<Path> blobs() throws IOException {
    try (Stream<Path> files = Files.walk(store.resolve("blobs"))) {
      return files.filter(file -> isBlob(file.getFileName().toString())).sorted().toList();
    }
  }

  private static boolean isBlob(String name) {
    return name.matches("[0-9a-f]{64}");
  }

  // ------------------------------------------------------------------

  private void note(Kind kind, String place, CrashEnding ending, String... problems) {
    CrashPoint point = new CrashPoint(kind, where + ", " + place);
    tried.add(new Tried(point, ending, List.of(problems), null));
  }
}
