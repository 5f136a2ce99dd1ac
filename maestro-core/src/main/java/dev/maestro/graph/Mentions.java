package dev.maestro.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;

/**
 * What each task names as its dependencies, one task after another, known or not.
 *
 * <p>They are kept in chunks, because a long array of references costs the garbage collector more
 * to fill than many short ones.
 */
final class Mentions<T> {

  private static final int LOG_CHUNK = 10;
  private static final int CHUNK = 1 << LOG_CHUNK;
  private static final int INITIAL_SIZE = 16;

  // so many are compared one by one
  private static final int FEW = 16;

  private final List<T[]> chunks = new ArrayList<>();
  private int[] ends = new int[INITIAL_SIZE];
  private int tasks;
  private int size;
  private final BitSet incomplete = new BitSet();

  /** Note what the next task names. */
  void add(Collection<? extends T> dependencies) {
    for (T dependency : dependencies) {
      if ((size & CHUNK - 1) == 0) {
        chunks.add(chunk());
      }
      chunks.get(size >>> LOG_CHUNK)[size++ & CHUNK - 1] = dependency;
    }
    if (tasks == ends.length) {
      ends = Arrays.copyOf(ends, tasks * 2);
    }
    ends[tasks++] = size;
  }

  @SuppressWarnings("unchecked")
  private T[] chunk() {
    return (T[]) new Object[CHUNK];
  }

  /** What a task names, each once. */
  List<T> of(int task) {
    List<T> named = new ArrayList<>();
    for (int i = start(task); i < ends[task]; i++) {
      named.add(chunks.get(i >>> LOG_CHUNK)[i & CHUNK - 1]);
    }
    return named.stream().distinct().toList();
  }

  /** The tasks that name something unknown; to be asked after {@link #links}. */
  BitSet incomplete() {
    return incomplete;
  }

  /** Link each task with what it names and is known, each once. */
  Links links(Ordinals<T> known) {
    int[] targets = targets(known);
    int[] starts = new int[tasks + 1];
    Repeats repeats = new Repeats(targets);
    int count = 0;
    for (int task = 0; task < tasks; task++) {
      int start = start(task);
      int end = ends[task];
      repeats.begin(task, count, end - start);
      // what is kept never overtakes what is read
      for (int i = start; i < end; i++) {
        int target = targets[i];
        if (target == Ordinals.NONE) {
          incomplete.set(task);
        } else if (!repeats.has(target, count)) {
          targets[count++] = target;
        }
      }
      starts[task + 1] = count;
    }
    return new Links(starts, count == targets.length ? targets : Arrays.copyOf(targets, count));
  }

  private int[] targets(Ordinals<T> known) {
    int[] targets = new int[size];
    for (int at = 0; at < size; at += CHUNK) {
      known.ofAll(chunks.get(at >>> LOG_CHUNK), Math.min(CHUNK, size - at), targets, at);
    }
    return targets;
  }

  private int start(int task) {
    return task == 0 ? 0 : ends[task - 1];
  }

  /** Whether a task has a dependency already. */
  private final class Repeats {

    private final int[] targets;
    private int[] lastTask = new int[0];
    private int task;
    private int start;
    private boolean few;

    Repeats(int[] targets) {
      this.targets = targets;
    }

    /** Go on with the next task, whose dependencies are kept from here on. */
    void begin(int next, int from, int named) {
      task = next;
      start = from;
      few = named <= FEW;
      if (!few && lastTask.length == 0) {
        lastTask = new int[tasks];
      }
    }

    boolean has(int target, int end) {
      return few ? isAmong(target, end) : !isFirst(target);
    }

    private boolean isAmong(int target, int end) {
      for (int i = start; i < end; i++) {
        if (targets[i] == target) {
          return true;
        }
      }
      return false;
    }

    private boolean isFirst(int target) {
      boolean first = lastTask[target] != task + 1;
      lastTask[target] = task + 1;
      return first;
    }
  }
}
