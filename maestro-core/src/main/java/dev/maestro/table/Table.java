package dev.maestro.table;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A hash table of things that bear their own keys: beyond them it takes 10 to 20 bytes for each,
 * where a {@link java.util.HashMap} takes 40.
 *
 * <p>It never shrinks, and its order is nobody's business. Not safe for use by several threads when
 * one of them changes it.
 *
 * @param <K> what a thing is found by; needs {@code equals} and {@code hashCode}
 * @param <V> the things; the key of one that is in a table must not change
 */
public final class Table<K, V> implements Iterable<V> {

  private static final int SMALLEST = 16;
  // what fills more than four slots of five is looked for too long
  private static final int OF_FIVE = 4;

  private final Function<? super V, ? extends K> key;
  // a thing is in the slot that its hash says, or in one of those right behind it, all of which
  // are taken
  private @Nullable Object[] things = new @Nullable Object[SMALLEST];
  private int[] hashes = new int[SMALLEST];
  private int size;

  /** Make an empty table of things that are found by this. */
  public Table(Function<? super V, ? extends K> key) {
    this.key = key;
  }

  /** {@return the thing with this key, or null} */
  public @Nullable V get(K key) {
    return thing(slot(key, hash(key)));
  }

  /** {@return whether there is a thing with this key} */
  public boolean has(K key) {
    return get(key) != null;
  }

  /**
   * Put a thing in, in the place of another one with the same key.
   *
   * @return that other one, or null
   */
  public @Nullable V put(V thing) {
    K itsKey = key.apply(thing);
    int hash = hash(itsKey);
    int slot = slot(itsKey, hash);
    V before = thing(slot);
    if (before == null) {
      size++;
    }
    things[slot] = Objects.requireNonNull(thing, "thing");
    hashes[slot] = hash;
    if (size > things.length / 5 * OF_FIVE) {
      grow();
    }
    return before;
  }

  /** Take the thing with this key out; {@return it, or null} */
  public @Nullable V remove(K key) {
    int slot = slot(key, hash(key));
    V removed = thing(slot);
    if (removed != null) {
      size--;
      close(slot);
    }
    return removed;
  }

  /** {@return how many there are} */
  public int size() {
    return size;
  }

  /** Take everything out. */
  public void clear() {
    Arrays.fill(things, null);
    size = 0;
  }

  @Override
  public void forEach(Consumer<? super V> action) {
    for (int slot = 0; slot < things.length; slot++) {
      V thing = thing(slot);
      if (thing != null) {
        action.accept(thing);
      }
    }
  }

  /** {@return the things; nothing may be put in or taken out meanwhile} */
  public Stream<V> stream() {
    return Arrays.stream(things).filter(Objects::nonNull).map(this::own);
  }

  @Override
  public Iterator<V> iterator() {
    return new Iterator<>() {
      private int next = taken(0);

      @Override
      public boolean hasNext() {
        return next < things.length;
      }

      @Override
      public V next() {
        V thing = hasNext() ? thing(next) : null;
        if (thing == null) {
          throw new NoSuchElementException();
        }
        next = taken(next + 1);
        return thing;
      }
    };
  }

  /** {@return the first slot from here on that is taken} */
  private int taken(int from) {
    int slot = from;
    while (slot < things.length && things[slot] == null) {
      slot++;
    }
    return slot;
  }

  /** {@return where the thing with this key is, or is to be put} */
  private int slot(K wanted, int hash) {
    int slot = home(hash);
    for (V thing = thing(slot); thing != null; thing = thing(slot)) {
      if (hashes[slot] == hash && key.apply(thing).equals(wanted)) {
        return slot;
      }
      slot = next(slot);
    }
    return slot;
  }

  /** Empty a slot, and have those behind it move up that would not be found any more. */
  private void close(int emptied) {
    int hole = emptied;
    for (int slot = next(hole); things[slot] != null; slot = next(slot)) {
      int home = home(hashes[slot]);
      boolean mayStay = hole <= slot ? hole < home && home <= slot : hole < home || home <= slot;
      if (!mayStay) {
        things[hole] = things[slot];
        hashes[hole] = hashes[slot];
        hole = slot;
      }
    }
    things[hole] = null;
  }

  private void grow() {
    @Nullable Object[] oldThings = things;
    int[] oldHashes = hashes;
    things = new @Nullable Object[Math.multiplyExact(oldThings.length, 2)];
    hashes = new int[things.length];
    for (int i = 0; i < oldThings.length; i++) {
      if (oldThings[i] != null) {
        int slot = home(oldHashes[i]);
        while (things[slot] != null) {
          slot = next(slot);
        }
        things[slot] = oldThings[i];
        hashes[slot] = oldHashes[i];
      }
    }
  }

  private int home(int hash) {
    return hash & things.length - 1;
  }

  private int next(int slot) {
    return slot + 1 & things.length - 1;
  }

  private @Nullable V thing(int slot) {
    Object thing = things[slot];
    return thing == null ? null : own(thing);
  }

  @SuppressWarnings("unchecked") // nothing else is ever put in
  private V own(Object thing) {
    return (V) thing;
  }

  /** Names that were counted up differ in few bits, so that they would lie side by side. */
  private static int hash(Object key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return hash ^ hash >>> 15;
  }
}
