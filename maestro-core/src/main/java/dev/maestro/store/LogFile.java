package dev.maestro.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** One file of the log, as the store needs it; tests put files that fail in its place. */
interface LogFile extends Closeable {

  /** Opens a file that exists. */
  @FunctionalInterface
  interface Opener {
    LogFile open(Path path, boolean writable) throws IOException;
  }

  /**
   * Fill the buffer from this position on.
   *
   * @return how many bytes there were, 0 at the end
   */
  int read(ByteBuffer buffer, long position) throws IOException;

  /** Write the whole buffer. */
  void write(ByteBuffer buffer, long position) throws IOException;

  /** Return when everything written is on the disk, and fail when the file is no longer there. */
  void force() throws IOException;

  long size() throws IOException;
}
