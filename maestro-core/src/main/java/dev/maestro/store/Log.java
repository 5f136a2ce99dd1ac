package dev.maestro.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The log of a store: segments, each a file, one after the other.
 *
 * <p>A position in the log is the number of the segment and the offset in it, in one number, so
 * that no file has to be read to know where another one lies. Appending is for one thread at a
 * time, reading for any number.
 */
final class Log implements Closeable {

  private static final int OFFSET_BITS = 40;
  private static final String SUFFIX = ".log";
  private static final int ATTEMPTS = 20;

  private final Path directory;
  private final Settings settings;
  private final boolean writable;
  private final ReadWriteLock deleting = new ReentrantReadWriteLock();
  private final ConcurrentNavigableMap<Long, Segment> segments = new ConcurrentSkipListMap<>();

  /**
   * How the files are written.
   *
   * @param segment how long a segment becomes, in bytes
   * @param preallocation how many bytes are written ahead at most
   * @param files opens them
   * @param upkeep whether the store tidies up by itself
   */
  record Settings(long segment, int preallocation, LogFile.Opener files, boolean upkeep) {

    Settings withSegment(int bytes) {
      return new Settings(bytes, preallocation, files, upkeep);
    }

    Settings withPreallocation(int bytes) {
      return new Settings(segment, bytes, files, upkeep);
    }

    Settings withFiles(LogFile.Opener other) {
      return new Settings(segment, preallocation, other, upkeep);
    }

    Settings withUpkeep(boolean automatic) {
      return new Settings(segment, preallocation, files, automatic);
    }

    /** What a log grows by, at most, before its snapshot is made anew. */
    private static final long GROWTH = 1024 * 1024;

    long growth() {
      return Math.min(segment, GROWTH);
    }
  }

  private Log(Path directory, Settings settings, boolean writable) {
    this.directory = directory;
    this.settings = settings;
    this.writable = writable;
  }

  /** Open every segment that is there. */
  static Log open(Path directory, Settings settings, boolean writable) throws IOException {
    Log log = new Log(directory, settings, writable);
    boolean complete = false;
    try {
      log.openAll();
      complete = true;
    } finally {
      if (!complete) {
        log.close();
      }
    }
    return log;
  }

  // ------------------------------------------------------------------ positions

  static long position(long segment, long offset) {
    return segment << OFFSET_BITS | offset;
  }

  /** {@return the number of the segment that a position is in} */
  static long segment(long position) {
    return position >>> OFFSET_BITS;
  }

  /** {@return where in its segment a position is} */
  static long offset(long position) {
    return position & (1L << OFFSET_BITS) - 1;
  }

  /** {@return the position of the first batch of a segment} */
  static long start(long segment) {
    return position(segment, Segment.HEADER);
  }

  // ------------------------------------------------------------------ segments

  Path directory() {
    return directory;
  }

  /** {@return where the file of a segment is or would be} */
  Path path(long segment) {
    return Segment.path(directory, segment);
  }

  boolean isEmpty() {
    return segments.isEmpty();
  }

  long first() {
    return segments.firstKey();
  }

  long last() {
    return segments.lastKey();
  }

  /** {@return the segment, if it is there; another process may have begun it a moment ago} */
  Optional<Segment> find(long segment) throws IOException {
    Segment found = segments.get(segment);
    if (found == null && Files.exists(path(segment))) {
      found = add(segment);
    }
    return Optional.ofNullable(found);
  }

  /** {@return the segment, which has to be there} */
  Segment require(long segment) throws IOException {
    Optional<Segment> found = find(segment);
    if (found.isEmpty()) {
      throw new NoSuchFileException(path(segment).toString());
    }
    return found.get();
  }

  /** {@return the least segment from this one on that is there} */
  Optional<Segment> next(long segment) throws IOException {
    Optional<Segment> found = find(segment);
    if (found.isPresent()) {
      return found;
    }
    Long higher = segments.higherKey(segment);
    return higher == null ? Optional.empty() : Optional.ofNullable(segments.get(higher));
  }

  /** Begin a segment, which replaces one that nothing was written to. */
  void begin(long segment, long firstBatch) throws IOException {
    Segment stale = segments.remove(segment);
    if (stale != null) {
      stale.close();
    }
    Segment.create(path(segment), segment, firstBatch);
    add(segment);
  }

  /** Delete a segment that nothing is needed of. */
  void delete(long segment) throws IOException {
    Files.deleteIfExists(path(segment));
    deleting.writeLock().lock();
    try {
      Segment dead = segments.remove(segment);
      if (dead != null) {
        dead.close();
      }
    } finally {
      deleting.writeLock().unlock();
    }
  }

  /** Do something while no segment is taken away. */
  <T> T reading(Uninterrupted.Work<T> work) throws IOException {
    deleting.readLock().lock();
    try {
      return work.run();
    } finally {
      deleting.readLock().unlock();
    }
  }

  Settings settings() {
    return settings;
  }

  // ------------------------------------------------------------------ bytes

  /** {@return whether a batch of this length belongs into the next segment} */
  boolean isFull(long position, int length) {
    long offset = offset(position);
    return offset > Segment.HEADER && offset + length > settings.segment();
  }

  /** Write a frame and return when it is on the disk. */
  void append(Bytes frame, long position) throws IOException {
    require(segment(position)).append(frame, offset(position), settings.segment());
  }

  /**
   * Fill the buffer from this position on, as far as its segment goes.
   *
   * @return how many bytes there were
   */
  int read(ByteBuffer buffer, long position) throws IOException {
    Segment segment = segments.get(segment(position));
    return segment == null ? 0 : segment.file().read(buffer, offset(position));
  }

  @Override
  public void close() throws IOException {
    @Nullable IOException failure = null;
    for (Segment segment : segments.values()) {
      try {
        segment.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  // ------------------------------------------------------------------ opening

  private void openAll() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        for (long segment : list(directory)) {
          add(segment);
        }
        return;
      } catch (NoSuchFileException e) {
        // The owner of the store has deleted what it needs no more.
        if (attempt == ATTEMPTS) {
          throw e;
        }
        close();
        segments.clear();
      }
    }
  }

  private Segment add(long segment) throws IOException {
    Path path = path(segment);
    LogFile file = settings.files().open(path, writable);
    Segment opened = Segment.open(path, file, segment, settings.preallocation());
    segments.put(segment, opened);
    return opened;
  }

  /** {@return the numbers of the segments in a directory} */
  static SortedSet<Long> list(Path directory) throws IOException {
    SortedSet<Long> numbers = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        String digits = name.substring(0, name.length() - SUFFIX.length());
        if (digits.matches("[0-9]{6,7}")) {
          numbers.add(Long.valueOf(digits));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return numbers;
  }
}
