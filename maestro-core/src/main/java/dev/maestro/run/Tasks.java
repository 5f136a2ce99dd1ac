package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.task.TaskId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Every task of a run, and what can be told from them all without looking at each.
 *
 * <p>Before a task changes, {@link #change} takes it out of all that is derived; {@link #settle}
 * brings it in again as it is then.
 */
final class Tasks {

  /** Most urgent first. */
  static final Comparator<Task> READY_ORDER = Tasks::byUrgency;

  private static final Comparator<Task> DECLARATION_ORDER = Tasks::byDeclaration;
  private static final Comparator<Task> TIME_ORDER = Tasks::byTime;
  private static final Comparator<Question> EXPIRY_ORDER = Tasks::byExpiry;

  private final Map<TaskId, Task> all = new LinkedHashMap<>();

  // what is ready, each in one of these: by what may hold it up, so that nobody looks through those
  // that are held up for one that is not
  private final TreeSet<Task> apart = new TreeSet<>(READY_ORDER);
  private final TreeSet<Task> inWorkspace = new TreeSet<>(READY_ORDER);
  private final TreeSet<Task> approvals = new TreeSet<>(READY_ORDER);
  private final TreeSet<Task> predicatesApart = new TreeSet<>(READY_ORDER);
  private final TreeSet<Task> predicatesInWorkspace = new TreeSet<>(READY_ORDER);
  private final TreeSet<Task> waiting = new TreeSet<>(TIME_ORDER);
  private final TreeSet<Task> forRoom = new TreeSet<>(READY_ORDER);
  private final TreeSet<Task> forBudget = new TreeSet<>(READY_ORDER);
  private final TreeSet<Task> active = new TreeSet<>(DECLARATION_ORDER);
  private final TreeMap<Integer, Question> questions = new TreeMap<>();
  private final Map<QuestionId, Question> questionsById = new HashMap<>();
  private final TreeSet<Question> expiring = new TreeSet<>(EXPIRY_ORDER);
  private final List<Task> changing = new ArrayList<>();
  private int live;
  private int moving;
  private int failed;

  Optional<Task> find(TaskId id) {
    return Optional.ofNullable(all.get(id));
  }

  @Nullable Task get(TaskId id) {
    return all.get(id);
  }

  Collection<Task> all() {
    return Collections.unmodifiableCollection(all.values());
  }

  int size() {
    return all.size();
  }

  /** {@return those that may start or go on, most urgent first} */
  List<Task> ready() {
    return allReady().sorted(READY_ORDER).toList();
  }

  private Stream<Task> allReady() {
    return Stream.of(apart, inWorkspace, approvals, predicatesApart, predicatesInWorkspace)
        .flatMap(Collection::stream);
  }

  boolean hasReady() {
    return hasUnasked() || hasAsking();
  }

  /** {@return whether any of the ready ones wants nothing but a slot} */
  boolean hasUnasked() {
    return !apart.isEmpty() || !inWorkspace.isEmpty();
  }

  boolean hasAsking() {
    return !approvals.isEmpty() || !predicatesApart.isEmpty() || !predicatesInWorkspace.isEmpty();
  }

  /**
   * {@return those of the ready ones that want nothing but a slot, most urgent first: that work in
   * a workspace, or that do not}
   */
  SortedSet<Task> unasked(boolean usingWorkspace) {
    return Collections.unmodifiableSortedSet(usingWorkspace ? inWorkspace : apart);
  }

  /** {@return those of the ready ones whose question has to be written first} */
  SortedSet<Task> approvals() {
    return Collections.unmodifiableSortedSet(approvals);
  }

  /** {@return the same of those whose predicate has to be evaluated first} */
  SortedSet<Task> predicates(boolean usingWorkspace) {
    return Collections.unmodifiableSortedSet(
        usingWorkspace ? predicatesInWorkspace : predicatesApart);
  }

  private TreeSet<Task> readyLike(Task task) {
    if (task.asksFirst() && task.isApproval()) {
      return approvals;
    } else if (task.asksFirst()) {
      return task.usesWorkspace() ? predicatesInWorkspace : predicatesApart;
    }
    return task.usesWorkspace() ? inWorkspace : apart;
  }

  /** {@return those that wait for what others have put aside, most urgent first} */
  List<Task> waitingForRoom() {
    return List.copyOf(forRoom);
  }

  /** {@return those that stand still because a budget is used up, most urgent first} */
  List<Task> outOfBudget() {
    return List.copyOf(forBudget);
  }

  /** {@return those that hold a slot, in declaration order} */
  Collection<Task> active() {
    return Collections.unmodifiableCollection(active);
  }

  /** {@return questions that wait for an answer, oldest first} */
  Collection<Question> questions() {
    return Collections.unmodifiableCollection(questions.values());
  }

  Optional<Question> question(QuestionId id) {
    return Optional.ofNullable(questionsById.get(id));
  }

  /** {@return when the first of those goes on that wait for a time} */
  Optional<Instant> nextWake() {
    return waiting.isEmpty() ? Optional.empty() : Optional.ofNullable(waiting.first().until);
  }

  /** {@return when silence answers the first of the questions} */
  Optional<Instant> nextExpiry() {
    return expiring.isEmpty() ? Optional.empty() : Optional.of(expiryOf(expiring.first()));
  }

  /** {@return the questions whose time is over, in the order of their ends} */
  List<Question> expiredBy(Instant now) {
    return expiring.stream().takeWhile(question -> !expiryOf(question).isAfter(now)).toList();
  }

  private static int byUrgency(Task one, Task other) {
    int urgency = Integer.compare(one.step.priority().value(), other.step.priority().value());
    if (urgency != 0) {
      return urgency;
    }
    int ready = Long.compare(one.readySequence, other.readySequence);
    return ready != 0 ? ready : byDeclaration(one, other);
  }

  private static int byDeclaration(Task one, Task other) {
    return Integer.compare(one.ordinal, other.ordinal);
  }

  private static int byTime(Task one, Task other) {
    int time = Objects.requireNonNull(one.until).compareTo(Objects.requireNonNull(other.until));
    return time != 0 ? time : byDeclaration(one, other);
  }

  private static int byExpiry(Question one, Question other) {
    int expiry = expiryOf(one).compareTo(expiryOf(other));
    return expiry != 0 ? expiry : one.id().value().compareTo(other.id().value());
  }

  private static Instant expiryOf(Question question) {
    return Objects.requireNonNull(question.answering().expiresAt());
  }

  List<Task> dueBy(Instant now) {
    return waiting.stream()
        .takeWhile(task -> !Objects.requireNonNull(task.until).isAfter(now))
        .toList();
  }

  /** {@return those that hold a slot, or would get one sooner or later} */
  List<Task> notAtRest() {
    return Stream.of(active.stream(), allReady(), waiting.stream())
        .flatMap(tasks -> tasks)
        .toList();
  }

  boolean hasLive() {
    return live > 0;
  }

  boolean hasMoving() {
    return moving > 0;
  }

  boolean hasFailed() {
    return failed > 0;
  }

  void add(Task task) {
    all.put(task.id, task);
    changing.add(task);
    task.changing = true;
  }

  /** Note that a task changes, which may be done to a copy of it that takes its place. */
  void change(Task before, Task after) {
    if (!before.changing) {
      forget(before);
      changing.add(after);
    }
    after.changing = true;
    if (before != after) {
      all.put(after.id, after);
    }
  }

  /** {@return those that the event at hand has changed; grows when more are} */
  List<Task> changing() {
    return changing;
  }

  /** Tell anew what can be told from the tasks that have changed. */
  void settle() {
    for (Task task : changing) {
      task.changing = false;
      remember(task);
    }
    changing.clear();
  }

  /** Leave off in the middle of an event; whoever changed something puts it back. */
  void forgetChanging() {
    changing.clear();
  }

  /** Put a task back where another is now; one that was not there before goes. */
  void putBack(@Nullable Task before, Task now) {
    if (!now.changing) {
      forget(now);
    }
    if (before == null) {
      all.remove(now.id);
    } else {
      all.put(before.id, before);
      remember(before);
    }
  }

  private void remember(Task task) {
    if (task.isReady()) {
      readyLike(task).add(task);
    }
    if (task.until != null) {
      waiting.add(task);
    }
    if (task.waitsForRoom()) {
      forRoom.add(task);
    } else if (task.isOutOfBudget()) {
      forBudget.add(task);
    }
    if (task.active) {
      active.add(task);
    }
    if (task.dealings.question != null) {
      questions.put(task.dealings.questionNumber, task.dealings.question);
      questionsById.put(task.dealings.question.id(), task.dealings.question);
      if (task.dealings.question.answering().expiresAt() != null) {
        expiring.add(task.dealings.question);
      }
    }
    count(task, 1);
  }

  private void forget(Task task) {
    if (task.isReady()) {
      readyLike(task).remove(task);
    }
    if (task.until != null) {
      waiting.remove(task);
    }
    if (task.waitsForRoom()) {
      forRoom.remove(task);
    } else if (task.isOutOfBudget()) {
      forBudget.remove(task);
    }
    if (task.active) {
      active.remove(task);
    }
    if (task.dealings.question != null) {
      questions.remove(task.dealings.questionNumber);
      questionsById.remove(task.dealings.question.id());
      if (task.dealings.question.answering().expiresAt() != null) {
        expiring.remove(task.dealings.question);
      }
    }
    count(task, -1);
  }

  private void count(Task task, int by) {
    live += task.isLive() ? by : 0;
    moving += task.isMoving() ? by : 0;
    // what fails inside another task is that one's matter
    failed += task.parent == null && task.hasFailedForGood() ? by : 0;
  }
}
