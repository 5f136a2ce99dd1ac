package dev.maestro.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads events from the places where they lie; for any number of threads. */
final class EventReader {

  private static final int PAGE = 500;
  private static final int CHUNK = 8 * 1024;
  // a kind and a length; at the end of the file there may be less
  private static final int HEAD = 6;

  private final Log log;

  EventReader(Log log) {
    this.log = log;
  }

  /** Read the events at these positions, of which the first has this sequence number. */
  List<StoredEvent> read(long[] positions, long firstSequence) throws IOException {
    List<StoredEvent> events = new ArrayList<>(positions.length);
    Piece piece = new Piece();
    for (long position : positions) {
      Envelope envelope = piece.event(position);
      if (envelope == null) {
        throw new StoreException(
            "damage in "
                + log.path(Log.segment(position))
                + ": the event at offset "
                + Log.offset(position)
                + " has changed or is missing");
      }
      events.add(new StoredEvent(firstSequence + events.size(), envelope));
    }
    return events;
  }

  /** Hand over the events at these positions, which are all that there are of a run. */
  void forEach(long[] positions, Consumer<StoredEvent> to) throws IOException {
    for (int from = 0; from < positions.length; from += PAGE) {
      int end = Math.min(positions.length, from + PAGE);
      read(Arrays.copyOfRange(positions, from, end), from + 1L).forEach(to);
    }
  }

  /** {@return how many bytes the events at these positions take in all} */
  long length(long[] positions) throws IOException {
    Piece piece = new Piece();
    long length = 0;
    for (long position : positions) {
      length += piece.length(position);
    }
    return length;
  }

  /** The part of the log that is at hand. */
  private final class Piece {
    private byte[] array = new byte[CHUNK];
    private long start;
    private int length;

    @Nullable Envelope event(long position) throws IOException {
      try {
        return parse(position);
      } catch (IndexOutOfBoundsException | ArithmeticException e) {
        return null;
      }
    }

    int length(long position) throws IOException {
      Cursor head = at(position, HEAD);
      try {
        head.u8();
        return HEAD + head.count();
      } catch (IndexOutOfBoundsException | ArithmeticException e) {
        return HEAD;
      }
    }

    private @Nullable Envelope parse(long position) throws IOException {
      Cursor head = at(position, HEAD);
      if (head.u8() != EntryWriter.EVENT) {
        return null;
      }
      int count = head.count();
      if (count > Frame.MAX_LENGTH) {
        return null;
      }
      int headLength = head.at() - (int) (position - start);
      int from = at(position, headLength + count).at() + headLength;
      return EntryWriter.readEvent(array, from, from + count);
    }

    private Cursor at(long position, int count) throws IOException {
      if (position < start || position + count > start + length) {
        load(position, count);
      }
      return new Cursor(array, (int) (position - start), length);
    }

    private void load(long position, int count) throws IOException {
      if (count > array.length) {
        array = new byte[count];
      }
      start = position;
      length = 0;
      int read;
      do {
        int wanted = Math.min(CHUNK, array.length - length);
        read = log.read(ByteBuffer.wrap(array, length, wanted), start + length);
        length += read;
      } while (read > 0 && length < array.length);
    }
  }
}
