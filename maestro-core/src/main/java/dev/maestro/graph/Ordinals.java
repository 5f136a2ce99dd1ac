package dev.maestro.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ids, and where each stands among them: a hash table in one flat array, eight bytes a slot.
 *
 * <p>A slot holds the id's hash beside its ordinal, so that a look at the id itself, which is
 * somewhere else in memory, is needed only where it is very likely the right one.
 */
final class Ordinals<T> {

  static final int NONE = -1;

  private static final long FREE = 0;
  private static final int INITIAL_BITS = 6;

  // as many as a core can wait for at once, and some
  private static final int TOGETHER = 128;

  // the golden ratio spreads hashes that differ in their low bits only over the high ones
  private static final int SPREAD = 0x9E3779B9;

  private final List<T> ids = new ArrayList<>();
  private int shift = Integer.SIZE - INITIAL_BITS;
  private long[] slots = new long[1 << INITIAL_BITS];

  /** The ids in the order in which they came. */
  List<T> ids() {
    return Collections.unmodifiableList(ids);
  }

  int size() {
    return ids.size();
  }

  T id(int ordinal) {
    return ids.get(ordinal);
  }

  /** Add an id behind the others; false, and nothing changed, when it is there already. */
  boolean add(T id) {
    int hash = hash(id);
    int slot = slotOf(id, hash);
    if (slots[slot] != FREE) {
      return false;
    }
    ids.add(id);
    slots[slot] = entry(hash, ids.size() - 1);
    if (ids.size() > slots.length / 2) {
      grow();
    }
    return true;
  }

  /** Where an id stands, or {@link #NONE}. */
  int of(T id) {
    return ordinal(slots[slotOf(id, hash(id))]);
  }

  /**
   * Find many at once, in passes that each touch one kind of memory, so that the machine can wait
   * for many places at the same time.
   *
   * @param found where the answers go, as many as are sought, from {@code at} on
   */
  void ofAll(T[] sought, int count, int[] found, int at) {
    long[] entries = new long[TOGETHER];
    Object[] candidates = new Object[TOGETHER];
    for (int from = 0; from < count; from += TOGETHER) {
      int some = Math.min(TOGETHER, count - from);
      for (int i = 0; i < some; i++) {
        found[at + from + i] = hash(sought[from + i]);
      }
      for (int i = 0; i < some; i++) {
        entries[i] = slots[found[at + from + i] >>> shift];
      }
      for (int i = 0; i < some; i++) {
        candidates[i] = candidate(entries[i], found[at + from + i]);
      }
      for (int i = 0; i < some; i++) {
        T id = sought[from + i];
        found[at + from + i] = id.equals(candidates[i]) ? ordinal(entries[i]) : of(id);
      }
    }
  }

  private @Nullable Object candidate(long entry, int hash) {
    return entry != FREE && hashOf(entry) == hash ? ids.get(ordinal(entry)) : null;
  }

  /** The slot that holds the id, or the free one where it belongs. */
  private int slotOf(T id, int hash) {
    int slot = hash >>> shift;
    for (long entry = slots[slot]; entry != FREE; entry = slots[slot]) {
      if (hashOf(entry) == hash && ids.get(ordinal(entry)).equals(id)) {
        return slot;
      }
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  private void grow() {
    long[] old = slots;
    slots = new long[old.length * 2];
    shift--;
    for (long entry : old) {
      if (entry != FREE) {
        slots[freeSlot(hashOf(entry))] = entry;
      }
    }
  }

  private int freeSlot(int hash) {
    int slot = hash >>> shift;
    while (slots[slot] != FREE) {
      slot = slot + 1 & slots.length - 1;
    }
    return slot;
  }

  private static int hash(Object id) {
    return id.hashCode() * SPREAD;
  }

  private static long entry(int hash, int ordinal) {
    return (long) hash << Integer.SIZE | ordinal + 1;
  }

  private static int hashOf(long entry) {
    return (int) (entry >>> Integer.SIZE);
  }

  /** The ordinal of an entry; {@link #NONE} of a free one. */
  private static int ordinal(long entry) {
    return (int) entry - 1;
  }
}
