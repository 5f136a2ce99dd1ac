package dev.maestro.store;

import dev.maestro.store.Verification.Finding;
import dev.maestro.store.Verification.Kind;
import dev.maestro.task.RunKey;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compares the files of runs that have ended with what the log says of them. */
final class RunFilesCheck {

  private final Path directory;
  private final Replay log;
  private final Archive archive;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * Check the files in this store.
   *
   * @param log what the log says
   */
  RunFilesCheck(Path directory, Replay log) {
    this.directory = directory;
    this.log = log;
    this.archive = new Archive(directory, log.view, log.refusals(), false);
  }

  List<Finding> findings() {
    return findings;
  }

  /**
   * Read every file.
   *
   * @param blobs is shown what events name
   * @return how many there are
   */
  long readAll(MissingBlobs blobs) throws IOException {
    List<Path> files = archive.files();
    for (Path file : files) {
      read(file, blobs);
    }
    return files.size();
  }

  /** Read no more of each file than its first line. */
  void readHeads() throws IOException {
    for (Path file : archive.files()) {
      // What is in the log, too, counts there.
      if (archive.run(file).filter(log.view::knows).isEmpty()) {
        read(file, null);
      }
    }
  }

  private void read(Path file, @Nullable MissingBlobs blobs) throws IOException {
    try (InputStream in = new FileInputStream(file.toFile())) {
      RunFileReader reader = new RunFileReader(file.toString(), in);
      long line = 0;
      try {
        head(file, reader);
        for (boolean more = blobs != null; more; ) {
          line = reader.offset();
          more = next(reader, archive.run(file), blobs);
        }
      } catch (StoreException e) {
        findings.add(new Finding(Kind.RUN, file, line, String.valueOf(e.getMessage())));
      }
    } catch (FileNotFoundException e) {
      requireGone(file, e);
    }
  }

  private void head(Path file, RunFileReader reader) throws IOException {
    RunFile.Head head = reader.head();
    archive
        .run(file)
        .flatMap(run -> archive.wrong(run, head, reader.checksum(), log.view.file(run)))
        .ifPresent(wrong -> findings.add(new Finding(wrong.kind(), file, 0, wrong.what())));
  }

  /** {@return whether there was one more line} */
  private static boolean next(
      RunFileReader reader, Optional<RunKey> run, @Nullable MissingBlobs blobs) throws IOException {
    RunFile.Line next = reader.next();
    if (blobs != null && run.isPresent() && next instanceof RunFile.Event event) {
      blobs.scan(event.event().envelope().json(), "run " + run.get());
    }
    return next != null;
  }

  /** Look for files that have to be there. */
  void missing(Names names) throws IOException {
    RunFiles missing = archive.missing();
    archive.setAside().forEach(run -> missing.remove(Slot.hash(run)));
    if (missing.size() > 0) {
      Map<Long, RunKey> known = names.get();
      missing.forEach(
          (hash, checksum) -> findings.add(missing(Optional.ofNullable(known.get(hash)))));
    }
  }

  /** Knows the names of runs that lie in files, by their hashes. */
  @FunctionalInterface
  interface Names {
    Map<Long, RunKey> get() throws IOException;
  }

  private Finding missing(Optional<RunKey> run) {
    return run.map(
            key ->
                new Finding(
                    Kind.MISSING,
                    archive.file(key),
                    0,
                    "run " + key + " has ended, and its file is missing"))
        .orElseGet(
            () ->
                new Finding(
                    Kind.MISSING,
                    directory.resolve("runs"),
                    0,
                    "the file of a run that has ended is missing, and its name is not known"));
  }

  /** Whoever has the store open may have removed a file meanwhile. */
  static void requireGone(Path file, IOException reason) throws IOException {
    if (Files.exists(file)) {
      throw reason;
    }
  }
}
