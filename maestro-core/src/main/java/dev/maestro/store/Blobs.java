package dev.maestro.store;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Bytes in files that are named by their SHA-256, such as {@code blobs/ab/ab12…}. */
final class Blobs {

  private static final int PREFIX = 2;

  private final Path directory;
  // so that whoever finds a file finds it durable
  private final Lock[] locks = Stream.generate(ReentrantLock::new).limit(16).toArray(Lock[]::new);
  // the directories whose names are known to be on disk
  private final Set<Path> forced = ConcurrentHashMap.newKeySet();

  Blobs(Path directory) {
    this.directory = directory;
  }

  /** Return when these bytes are on disk under their id. */
  void put(BlobId id, byte[] bytes) throws IOException {
    Lock lock = locks[Character.digit(id.hex().charAt(0), 16)];
    lock.lock();
    try {
      Path file = path(id);
      // A file that was damaged is mended on the way.
      if (!Arrays.equals(read(file), bytes)) {
        Durably.createDirectories(directoryOf(id));
        Durably.write(file, bytes, directory);
      }
      forceNames(directoryOf(id));
    } finally {
      lock.unlock();
    }
  }

  Optional<byte[]> get(BlobId id) throws IOException {
    byte[] bytes = read(path(id));
    if (bytes == null) {
      return Optional.empty();
    }
    if (!BlobId.of(bytes).equals(id)) {
      throw new StoreException("damage in " + path(id) + ": its content has another SHA-256");
    }
    return Optional.of(bytes);
  }

  /** A process that was killed may have left names that are not on disk yet. */
  private void forceNames(Path of) throws IOException {
    if (!forced.contains(of)) {
      Durably.forceDirectory(of);
      Durably.forceDirectory(directory);
      forced.add(of);
    }
  }

  private Path directoryOf(BlobId id) {
    return directory.resolve(id.hex().substring(0, PREFIX));
  }

  private Path path(BlobId id) {
    return directoryOf(id).resolve(id.hex());
  }

  private static byte @Nullable [] read(Path file) throws IOException {
    if (Files.notExists(file)) {
      return null;
    }
    // Not through a channel, which an interrupt would close.
    try (FileInputStream in = new FileInputStream(file.toFile())) {
      return in.readAllBytes();
    }
  }
}
