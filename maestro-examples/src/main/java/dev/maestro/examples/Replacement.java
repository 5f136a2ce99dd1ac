package dev.maestro.examples;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A file that is there whole, or is as it was before. */
final class Replacement {

  /** What writes the file. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private Replacement() {}

  /**
   * Write beside the file, and put it in its place when all of it is on the disk.
   *
   * <p>What is no plain file, such as a pipe or a link, cannot be replaced: it is written to once
   * the content has been read to its end without a failure.
   */
  static void write(Path file, Content content) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      content.writeTo(OutputStream.nullOutputStream());
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
        content.writeTo(out);
      }
    } else {
      replace(file, content);
    }
  }

  private static void replace(Path file, Content content) throws IOException {
    String name = file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp";
    Path temporary = file.resolveSibling(name);
    try {
      try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
        OutputStream buffered = new BufferedOutputStream(out);
        content.writeTo(buffered);
        buffered.flush();
        out.getFD().sync();
      }
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
