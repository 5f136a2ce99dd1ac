package dev.maestro.store;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/** Creates files and directories so that they are still there after a power cut. */
final class Durably {

  private static final String TEMPORARY = ".tmp";
  // Windows cannot open a directory and needs no force for names.
  private static final boolean DIRECTORIES_CAN_BE_FORCED = File.separatorChar == '/';

  private Durably() {}

  /** Write a whole new file, or replace one, so that it is there whole or not at all. */
  static void write(Path file, byte[] content) throws IOException {
    write(file, content, directoryOf(file));
  }

  /** Do so by way of a file in another directory of the same disk. */
  static void write(Path file, byte[] content, Path workDirectory) throws IOException {
    Path temporary = Files.createFile(workDirectory.resolve(temporaryName()));
    try {
      try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
        out.write(content);
        out.getFD().sync();
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      forceDirectory(directoryOf(file));
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Create a directory and those above it. */
  static void createDirectories(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Path parent = directoryOf(directory.toAbsolutePath());
      createDirectories(parent);
      Files.createDirectories(directory);
      forceDirectory(parent);
    }
  }

  static void forceDirectory(Path directory) throws IOException {
    if (DIRECTORIES_CAN_BE_FORCED) {
      Uninterrupted.call(
          () -> {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
              channel.force(true);
              return channel;
            }
          });
    }
  }

  /** Remove what a crash has left of files that were being written. */
  static void removeTemporaries(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + TEMPORARY)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static String temporaryName() {
    return Long.toHexString(ThreadLocalRandom.current().nextLong()) + TEMPORARY;
  }

  /** {@return the directory that a file is in} */
  static Path directoryOf(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IOException(file + " has no directory");
    }
    return parent;
  }
}
