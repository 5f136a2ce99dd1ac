package dev.maestro.store;

import dev.maestro.process.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when there is {@link Upkeep} to do: on a thread of its own whenever a segment of the log
 * is full, a little of it at closing, and all of it when asked.
 *
 * <p>A store in which damage was found is left as it is.
 */
final class Housekeeper {

  /** Runs that are archived while somebody waits for the store to close, at most. */
  private static final int AT_CLOSING = 64;

  private final Path directory;
  private final OpenFileStore.Parts parts;
  private final GroupCommit group;
  private final Upkeep upkeep;
  private final ReentrantLock lock = new ReentrantLock();
  // guarded by this
  private @Nullable Thread background;
  private volatile boolean closing;

  Housekeeper(Path directory, OpenFileStore.Parts parts, GroupCommit group, Upkeep upkeep) {
    this.directory = directory;
    this.parts = parts;
    this.group = group;
    this.upkeep = upkeep;
    if (mayChange() && parts.log().settings().upkeep()) {
      parts.writer().onRoll(this::begin);
    }
  }

  Upkeep upkeep() {
    return upkeep;
  }

  private boolean mayChange() {
    return parts.lock() != null && parts.report().damages().isEmpty();
  }

  private boolean goesOn() {
    return !closing && !group.isRefusing();
  }

  /** Archive what has ended, empty old segments, and take a snapshot. */
  void tidy() throws IOException {
    lock.lock();
    try {
      if (mayChange() && goesOn()) {
        upkeep.archive(Integer.MAX_VALUE, this::goesOn);
        upkeep.clean(this::goesOn);
        snapshot();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Do all of that, collect blobs, and remove what is not to be kept.
   *
   * <p>In this order the blobs of what is removed stay until the next time: somebody may just have
   * read the run, to go on from it. Closing cuts it short, and waits for it: the directory may be
   * another's afterwards. What is asked for while the store closes does nothing.
   */
  Maintenance maintain(Retention retention, Instant now) throws IOException {
    group.requireWritable();
    lock.lock();
    try {
      if (!mayChange() || !goesOn()) {
        return Maintenance.nothing();
      }
      int archived = upkeep.archive(Integer.MAX_VALUE, this::goesOn);
      int segments = upkeep.clean(this::goesOn);
      Removal removal = new Removal(parts, group, new Audit(directory));
      int blobs = collectBlobs(removal);
      int removed = removal.retain(retention, now, this::goesOn);
      snapshot();
      return new Maintenance(archived, segments, removed, blobs);
    } finally {
      lock.unlock();
    }
  }

  /** Do something else that must be done by one at a time, and by nobody once the store closes. */
  <T> T alone(Uninterrupted.Work<T> work) throws IOException {
    lock.lock();
    try {
      if (closing) {
        throw new StoreException("the store in " + directory + " is being closed");
      }
      return work.run();
    } finally {
      lock.unlock();
    }
  }

  private int collectBlobs(Removal removal) throws IOException {
    try {
      return removal.collectBlobs(upkeep, this::goesOn);
    } catch (StoreException e) {
      // What cannot be read may name any blob.
      log().warn("no blobs of the store in {} are deleted while it is damaged", directory, e);
      return 0;
    }
  }

  private void snapshot() throws IOException {
    parts.writer().hasSnapshot();
    upkeep.snapshot();
  }

  private synchronized void begin() {
    if (!closing && (background == null || !background.isAlive())) {
      background = Threads.start("maestro-store", this::tidyQuietly);
    }
  }

  private void tidyQuietly() {
    try {
      tidy();
    } catch (IOException | RuntimeException e) {
      if (goesOn()) {
        log().warn("the store in {} could not be tidied up; it is tried again later", directory, e);
      }
    }
  }

  /**
   * Let what is under way come to an end, also what others have asked for, and do a little more
   * where it is worth it. Nothing is begun afterwards.
   */
  void beforeClosing() {
    closing = true;
    awaitBackground();
    lock.lock();
    try {
      if (isDue() && !group.isRefusing()) {
        upkeep.archive(AT_CLOSING, () -> !group.isRefusing());
      }
    } catch (IOException | RuntimeException e) {
      log().warn("the store in {} could not be tidied up; it is tried again later", directory, e);
    } finally {
      lock.unlock();
    }
  }

  private void awaitBackground() {
    Thread running;
    synchronized (this) {
      running = background;
    }
    boolean interrupted = false;
    while (running != null && running.isAlive()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Take a last snapshot, when nothing is written any more. */
  void afterClosing() throws IOException {
    if (isDue()) {
      snapshot();
    }
  }

  private boolean isDue() {
    return mayChange()
        && parts.log().settings().upkeep()
        && parts.writer().growth() >= parts.log().settings().growth();
  }

  private static Logger log() {
    return LoggerFactory.getLogger(FileStore.class);
  }
}
