package dev.maestro.graph;

import dev.maestro.task.Priority;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Ids in the order in which they should start: the lower priority number first, ties as they came.
 *
 * <p>Adding and removing, from any place, take O(log n). An id that is removed and added again goes
 * behind those of its priority. Adding the ids of {@link #inOrder()} to an empty queue, with their
 * priorities, gives an equal queue, so nothing else need be stored.
 *
 * <p>For one thread at a time.
 *
 * @param <T> what identifies a task
 */
public final class ReadyQueue<T> {

  private final TreeMap<Place, T> order = new TreeMap<>();
  private final Map<T, Place> places = new HashMap<>();
  private long arrivals;

  /** Make an empty queue. */
  public ReadyQueue() {}

  /**
   * Add an id behind those of the same priority.
   *
   * @return false, and nothing changed, when it was there already
   */
  public boolean add(T id, Priority priority) {
    Objects.requireNonNull(id, "id");
    Place place = new Place(priority.value(), arrivals);
    if (places.putIfAbsent(id, place) != null) {
      return false;
    }
    order.put(place, id);
    arrivals++;
    return true;
  }

  /**
   * Remove an id, wherever it stands.
   *
   * @return whether it was there
   */
  public boolean remove(T id) {
    Place place = places.remove(id);
    if (place == null) {
      return false;
    }
    order.remove(place);
    return true;
  }

  /** {@return the id that should start first; it stays in the queue} */
  public Optional<T> first() {
    return order.isEmpty() ? Optional.empty() : Optional.of(order.firstEntry().getValue());
  }

  /** {@return whether the id is in the queue} */
  public boolean contains(T id) {
    return places.containsKey(id);
  }

  /** {@return every id, in order, as a copy that later changes do not touch} */
  public List<T> inOrder() {
    return List.copyOf(new ArrayList<>(order.values()));
  }

  /** {@return how many ids there are} */
  public int size() {
    return order.size();
  }

  /** {@return whether there is no id} */
  public boolean isEmpty() {
    return order.isEmpty();
  }

  @Override
  public String toString() {
    return order.values().toString();
  }

  /** Where an id stands; no two ids share a place, because no two arrive at once. */
  private record Place(int priority, long arrival) implements Comparable<Place> {

    @Override
    public int compareTo(Place other) {
      int byPriority = Integer.compare(priority, other.priority);
      return byPriority != 0 ? byPriority : Long.compare(arrival, other.arrival);
    }
  }
}
