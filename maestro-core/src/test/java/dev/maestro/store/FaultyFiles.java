package dev.maestro.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Log files on a disk that fails, is full or is slow when a test says so. */
final class FaultyFiles implements LogFile.Opener {

  /** Forces that have been asked for. */
  final AtomicInteger forces = new AtomicInteger();

  private volatile boolean failing;
  private volatile boolean full;
  private volatile Semaphore permits = new Semaphore(Integer.MAX_VALUE);

  /** Let every force fail from now on. */
  void failForces() {
    failing = true;
  }

  /** Let every write break off in the middle from now on. */
  void fillDisk() {
    full = true;
  }

  /** Let every force wait until {@link #resumeForces}. */
  void holdForces() {
    permits = new Semaphore(0);
  }

  void resumeForces() {
    permits.release(1_000_000);
  }

  @Override
  public LogFile open(Path path, boolean writable) throws IOException {
    return new Faulty(ChannelFile.open(path, writable));
  }

  private final class Faulty implements LogFile {

    private final LogFile file;

    Faulty(LogFile file) {
      this.file = file;
    }

    @Override
    public int read(ByteBuffer buffer, long position) throws IOException {
      return file.read(buffer, position);
    }

    @Override
    public void write(ByteBuffer buffer, long position) throws IOException {
      if (full) {
        file.write(buffer.limit(buffer.remaining() / 2), position);
        throw new IOException("No space left on device");
      }
      file.write(buffer, position);
    }

    @Override
    public void force() throws IOException {
      forces.incrementAndGet();
      permits.acquireUninterruptibly();
      if (failing) {
        throw new IOException("Input/output error");
      }
      file.force();
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
