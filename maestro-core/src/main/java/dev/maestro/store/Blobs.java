package dev.maestro.store;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Bytes in files that are named by their SHA-256, such as {@code blobs/ab/ab12…}. */
final class Blobs {

  private static final int PREFIX = 2;

  private final Path directory;
  // so that whoever finds a file finds it durable
  private final Lock[] locks = new Lock[16];
  // the directories whose names are known to be on disk
  private final Set<Path> forced = ConcurrentHashMap.newKeySet();

  // what was put since the store was opened and may not be named yet, by the start of its id
  private final Set<Long> pinned = ConcurrentHashMap.newKeySet();

  Blobs(Path directory) {
    this.directory = directory;
    for (int i = 0; i < locks.length; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /** Return when these bytes are on disk under their id. */
  void put(BlobId id, byte[] bytes) throws IOException {
    Lock lock = locks[Character.digit(id.hex().charAt(0), 16)];
    lock.lock();
    try {
      pinned.add(start(id));
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

  /** {@return whether there is a file of this name; what is in it, nobody looks at} */
  boolean has(BlobId id) {
    return Files.exists(path(id));
  }

  /** A process that was killed may have left names that are not on disk yet. */
  private void forceNames(Path of) throws IOException {
    if (!forced.contains(of)) {
      Durably.forceDirectory(of);
      Durably.forceDirectory(directory);
      forced.add(of);
    }
  }

  // ------------------------------------------------------------------ collecting

  /**
   * Delete what is not named and was there when the store was opened, or was named before.
   *
   * <p>What was put since stays until it is named, or until the store is opened again: whoever put
   * it may be about to name it.
   *
   * @return how many were deleted
   */
  int deleteAllBut(Set<BlobId> named, BooleanSupplier goOn) throws IOException {
    int deleted = 0;
    for (Path file : files()) {
      Optional<BlobId> id = id(file).filter(one -> goOn.getAsBoolean());
      if (id.isPresent() && !named.contains(id.get()) && delete(id.get())) {
        deleted++;
      }
    }
    named.forEach(id -> pinned.remove(start(id)));
    return deleted;
  }

  private boolean delete(BlobId id) throws IOException {
    Lock lock = locks[Character.digit(id.hex().charAt(0), 16)];
    lock.lock();
    try {
      return !pinned.contains(start(id)) && Files.deleteIfExists(path(id));
    } finally {
      lock.unlock();
    }
  }

  /** {@return the files of all blobs} */
  List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path of : list(directory)) {
      if (Files.isDirectory(of)) {
        files.addAll(list(of));
      }
    }
    files.sort(null);
    return files;
  }

  /** {@return the id that a file is named by, if it is one} */
  static Optional<BlobId> id(Path file) {
    String name = file.getFileName().toString();
    return BlobId.isOne(name) ? Optional.of(new BlobId(name)) : Optional.empty();
  }

  private static List<Path> list(Path of) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(of)) {
      all.forEach(files::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return files;
  }

  private static long start(BlobId id) {
    return Long.parseUnsignedLong(id.hex().substring(0, 16), 16);
  }

  private Path directoryOf(BlobId id) {
    return directory.resolve(id.hex().substring(0, PREFIX));
  }

  Path path(BlobId id) {
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
