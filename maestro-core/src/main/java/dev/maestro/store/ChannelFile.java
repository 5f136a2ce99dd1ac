package dev.maestro.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A file behind a channel that is opened again when an interrupted thread has closed it.
 *
 * <p>Safe for use by any number of threads.
 */
final class ChannelFile implements LogFile {

  private final Path path;
  private final Set<? extends OpenOption> options;
  private final FileIdentity identity;
  private final Object lock = new Object();
  // guarded by lock
  private FileChannel channel;
  // guarded by lock
  private boolean closed;

  private ChannelFile(Path path, Set<? extends OpenOption> options) throws IOException {
    this.path = path;
    this.options = options;
    this.identity = FileIdentity.of(path);
    this.channel = FileChannel.open(path, options);
  }

  static ChannelFile open(Path path, boolean writable) throws IOException {
    return new ChannelFile(
        path,
        writable
            ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE)
            : Set.of(StandardOpenOption.READ));
  }

  @Override
  public int read(ByteBuffer buffer, long position) throws IOException {
    int start = buffer.position();
    return io(
        open -> {
          buffer.position(start);
          while (buffer.hasRemaining()
              && open.read(buffer, position + buffer.position() - start) > 0) {}
          return buffer.position() - start;
        });
  }

  @Override
  public void write(ByteBuffer buffer, long position) throws IOException {
    int start = buffer.position();
    io(
        open -> {
          buffer.position(start);
          while (buffer.hasRemaining()) {
            open.write(buffer, position + buffer.position() - start);
          }
          return 0;
        });
  }

  @Override
  public void force() throws IOException {
    io(
        open -> {
          open.force(false);
          return 0;
        });
    identity.require();
  }

  @Override
  public long size() throws IOException {
    return io(FileChannel::size);
  }

  @Override
  public void close() throws IOException {
    synchronized (lock) {
      closed = true;
      channel.close();
    }
  }

  private <T> T io(Io<T> work) throws IOException {
    return Uninterrupted.call(
        () -> {
          while (true) {
            try {
              return work.on(current());
            } catch (ClosedByInterruptException e) {
              throw e;
            } catch (ClosedChannelException e) {
              // Another thread was interrupted while it used this channel: take the next one.
              requireOpen();
            }
          }
        });
  }

  private FileChannel current() throws IOException {
    synchronized (lock) {
      requireOpen();
      if (!channel.isOpen()) {
        identity.requireAnew();
        channel = FileChannel.open(path, options);
      }
      return channel;
    }
  }

  private void requireOpen() throws IOException {
    synchronized (lock) {
      if (closed) {
        throw new ClosedChannelException();
      }
    }
  }

  @FunctionalInterface
  private interface Io<T> {
    T on(FileChannel channel) throws IOException;
  }
}
