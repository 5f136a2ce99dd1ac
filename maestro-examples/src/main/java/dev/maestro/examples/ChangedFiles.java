package dev.maestro.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.eclipse.jgit.diff.DiffEntry;
import org.eclipse.jgit.diff.DiffFormatter;
import org.eclipse.jgit.diff.Edit;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.util.io.NullOutputStream;

/**
 * The files that differ between two commits, with the number of lines, as {@code git diff --stat}
 * shows them.
 */
final class ChangedFiles {

  private ChangedFiles() {}

  static boolean hasBranch(Path repository, String branch) throws IOException {
    try (Repository git = new FileRepositoryBuilder().setWorkTree(repository.toFile()).build()) {
      return git.exactRef("refs/heads/" + branch) != null;
    }
  }

  static String between(Path repository, String before, String after) throws IOException {
    try (Repository git = new FileRepositoryBuilder().setWorkTree(repository.toFile()).build();
        DiffFormatter differ = new DiffFormatter(NullOutputStream.INSTANCE)) {
      differ.setRepository(git);
      List<DiffEntry> entries =
          differ.scan(ObjectId.fromString(before), ObjectId.fromString(after));
      StringBuilder text = new StringBuilder();
      for (DiffEntry entry : entries) {
        String path =
            entry.getChangeType() == DiffEntry.ChangeType.DELETE
                ? entry.getOldPath()
                : entry.getNewPath();
        int added = 0;
        int removed = 0;
        for (Edit edit : differ.toFileHeader(entry).toEditList()) {
          added += edit.getLengthB();
          removed += edit.getLengthA();
        }
        text.append(String.format(Locale.ROOT, "%-50s +%d -%d%n", path, added, removed));
      }
      return text.toString();
    }
  }
}
