package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import java.nio.file.Path;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheEntry;

/**
 * An index that has a file both as it is and as a side of a merge. Nobody can tell which it is, so
 * that no tree can be made of it; git reads it, and does not mend it by adding files.
 */
final class MixedStages {

  private MixedStages() {}

  /** Refuse an index in which one file has several stages, the merged one among them. */
  static void requireNone(Path directory, DirCache index) {
    for (int i = 1; i < index.getEntryCount(); i++) {
      DirCacheEntry before = index.getEntry(i - 1);
      DirCacheEntry entry = index.getEntry(i);
      boolean sameFile = before.getPathString().equals(entry.getPathString());
      if (sameFile && before.getStage() == DirCacheEntry.STAGE_0) {
        throw refused(directory, entry.getPathString());
      }
    }
  }

  static PermanentException refused(Path directory, String file) {
    String message =
        "cannot read the files of %s: '%s' is in the index both as it is and as a side of a merge;"
            + " 'git reset' in that directory makes the index anew and leaves the files";
    return new PermanentException(message.formatted(directory, file));
  }
}
