package dev.maestro.store;

import dev.maestro.store.Verification.Finding;
import dev.maestro.store.Verification.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Mends what can be mended without guessing. */
final class Repairer {

  private final Path directory;
  private final FileStore source;
  private final List<String> done = new ArrayList<>();
  private final List<Finding> left = new ArrayList<>();

  Repairer(Path directory, FileStore source) {
    this.directory = directory;
    this.source = source.withoutUpkeep();
  }

  Repair repair() {
    // Opening cuts off what a crash cut short, and keeps everybody else away.
    try (Store open = source.open(() -> Instant.EPOCH)) {
      if (open.openReport().tornBytes() > 0) {
        done.add("cut off a write of " + open.openReport().tornBytes() + " bytes in the log");
      }
      for (Finding finding : source.verify().findings()) {
        mend(finding);
      }
      return new Repair(done, left);
    } catch (IOException e) {
      throw new StoreException("the store in " + directory + " cannot be repaired: " + e, e);
    }
  }

  private void mend(Finding finding) throws IOException {
    Path file = finding.file();
    if (finding.kind() == Kind.DERIVED) {
      Files.deleteIfExists(file);
      done.add("dropped " + file + ", which can be derived");
    } else if (finding.kind() == Kind.RUN || finding.kind() == Kind.BLOB) {
      setAside(file);
    } else if (finding.kind() == Kind.AUDIT) {
      mendAudit(finding);
    } else {
      left.add(finding);
    }
  }

  private void setAside(Path file) throws IOException {
    if (Files.exists(file)) {
      done.add("set aside " + file + " as " + new Quarantine(directory).take(file));
    }
  }

  private void mendAudit(Finding finding) throws IOException {
    int cut = new Audit(directory).cutTorn();
    if (cut > 0) {
      done.add("cut off a line of " + cut + " bytes that was never finished in " + finding.file());
    } else {
      left.add(finding);
    }
  }
}
