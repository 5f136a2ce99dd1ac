package dev.maestro.engine;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which run is due next: a heap, in which each knows its place. A hundred thousand may wait for
 * their time at once. Confined to the loop.
 */
final class Dues {

  // none is due before the one above it, which is at half its place
  private @Nullable Hold[] heap = new @Nullable Hold[16];
  private int size;

  /** {@return when the first is due, if there is one} */
  Optional<Instant> first() {
    return size == 0 ? Optional.empty() : Optional.of(at(0).dueAt());
  }

  /** Set when a run is due, instead of the moment before. */
  void set(Hold hold, Instant at) {
    if (!hold.isDueSomeTime()) {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, size + (size >> 1));
      }
      put(hold, size++);
    }
    hold.setDueAt(at);
    settle(hold);
  }

  /** Forget when a run is due; {@return whether it was at some time} */
  boolean clear(Hold hold) {
    if (!hold.isDueSomeTime()) {
      return false;
    }
    Hold last = at(--size);
    heap[size] = null;
    if (last != hold) {
      put(last, hold.place);
      settle(last);
    }
    hold.place = Hold.NOWHERE;
    return true;
  }

  /** Take out the first that is due by now; {@return it, or null} */
  @Nullable Hold takeDue(Instant now) {
    if (size == 0 || at(0).dueAt().isAfter(now)) {
      return null;
    }
    Hold first = at(0);
    clear(first);
    return first;
  }

  private void settle(Hold hold) {
    int place = hold.place;
    while (place > 0 && hold.isBefore(at((place - 1) / 2))) {
      put(at((place - 1) / 2), place);
      place = (place - 1) / 2;
    }
    for (int below = earlierBelow(place);
        below < size && at(below).isBefore(hold);
        below = earlierBelow(place)) {
      put(at(below), place);
      place = below;
    }
    put(hold, place);
  }

  /** {@return the earlier of the two places below; not less than the size where there is none} */
  private int earlierBelow(int place) {
    int left = 2 * place + 1;
    int right = left + 1;
    return right < size && at(right).isBefore(at(left)) ? right : left;
  }

  private Hold at(int place) {
    Hold hold = heap[place];
    if (hold == null) {
      throw new IllegalStateException("nothing at " + place + " of " + size);
    }
    return hold;
  }

  private void put(Hold hold, int place) {
    heap[place] = hold;
    hold.place = place;
  }
}
