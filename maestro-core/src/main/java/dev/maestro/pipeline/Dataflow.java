package dev.maestro.pipeline;

import dev.maestro.failure.Problem;
import dev.maestro.pipeline.Uses.Use;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which values of a pipeline go where: inputs, outputs, and what steers the run.
 *
 * <p>Made once by {@link Pipeline#dataflow()}, in time proportional to the pipeline. Immutable.
 */
public final class Dataflow {

  private final List<Step> steps;
  private final Map<String, Integer> positions = new HashMap<>();
  private final int[][] after;
  private final List<Uses> stepUses;
  private final List<Uses> templateUses;
  private final Map<String, Integer> producers = new LinkedHashMap<>();
  private final Set<String> templateOutputs = new HashSet<>();
  private final Map<String, List<Integer>> planners = new HashMap<>();
  private final Map<String, FirstUse> inputs = new LinkedHashMap<>();
  private final List<String> readers;
  private final Set<String> steering;
  private final Set<String> lists = new HashSet<>();
  // by what stands before its first dot, one name that is an input or an output
  private final Map<String, String> dotted = new HashMap<>();
  // by what they call an element, one step that goes over a list
  private final Map<String, String> overLists = new HashMap<>();

  /**
   * Where an input is first used.
   *
   * @param step the id of the step or template
   * @param path of the field
   */
  record FirstUse(String step, String path) {}

  Dataflow(Pipeline pipeline) {
    steps = pipeline.steps();
    steering = Steering.of(pipeline);
    for (int i = 0; i < steps.size(); i++) {
      register(i, steps.get(i));
    }
    for (Step template : pipeline.templates()) {
      if (template.output() != null) {
        templateOutputs.add(template.output());
      }
    }
    after = new int[steps.size()][];
    for (int i = 0; i < after.length; i++) {
      after[i] = positions(steps.get(i).after());
    }
    stepUses = uses("steps", steps);
    templateUses = uses("templates", pipeline.templates());
    noteLists(steps);
    noteLists(pipeline.templates());
    noteDotted(producers.keySet());
    noteDotted(inputs.keySet());
    readers = pipeline.templates().stream().filter(Uses::readsEverything).map(Step::id).toList();
  }

  private void register(int position, Step step) {
    positions.putIfAbsent(step.id(), position);
    if (step.output() != null) {
      producers.putIfAbsent(step.output(), position);
    }
    if (step.action() instanceof Action.Plan plan) {
      planners.computeIfAbsent(plan.template(), id -> new ArrayList<>()).add(position);
    }
  }

  private int[] positions(List<String> ids) {
    int[] known = new int[ids.size()];
    int count = 0;
    for (String id : ids) {
      Integer position = positions.get(id);
      if (position != null) {
        known[count++] = position;
      }
    }
    return Arrays.copyOf(known, count);
  }

  private List<Uses> uses(String section, List<Step> users) {
    List<String> paths = StepPaths.ofSteps(section, users);
    List<Uses> all = new ArrayList<>();
    for (int i = 0; i < users.size(); i++) {
      Uses uses = Uses.of(users.get(i));
      for (Use use : uses.uses()) {
        noteInput(paths.get(i), users.get(i).id(), use);
      }
      all.add(uses);
    }
    return all;
  }

  private void noteLists(List<Step> users) {
    for (Step step : users) {
      if (step.action() instanceof Action.ForEach each) {
        lists.add(each.list());
        overLists.putIfAbsent(each.as(), step.id());
      }
    }
  }

  private void noteDotted(Set<String> names) {
    for (String name : names) {
      int dot = name.indexOf('.');
      if (dot > 0) {
        dotted.putIfAbsent(name.substring(0, dot), name);
      }
    }
  }

  private void noteInput(String path, String step, Use use) {
    String name = use.name();
    if (!producers.containsKey(name) && !templateOutputs.contains(name) && !Names.isItem(name)) {
      inputs.putIfAbsent(name, new FirstUse(step, path + "." + use.field()));
    }
  }

  /** {@return the names that no step outputs, in the order in which they are first used} */
  public Set<String> inputs() {
    return Collections.unmodifiableSet(inputs.keySet());
  }

  /** {@return what is wrong with these inputs, as {@link Pipeline#check} says it} */
  public List<Problem> check(Inputs given) {
    return InputChecks.of(this, given);
  }

  /** {@return whether this input decides whether a step runs} */
  public boolean inputSteers(String name) {
    return inputs.containsKey(name) && steering.contains(name);
  }

  /**
   * {@return whether the output of this step decides what runs: a condition reads it, or a plan}
   */
  public boolean steers(String stepId) {
    return step(stepId)
        .filter(step -> isPlan(step) || step.outputName().filter(steering::contains).isPresent())
        .isPresent();
  }

  /** {@return the id of the step that outputs this name, if one does} */
  public Optional<String> producer(String output) {
    return Optional.ofNullable(producers.get(output)).map(position -> steps.get(position).id());
  }

  /** {@return the ids of all steps that come before this one, in declaration order} */
  public Set<String> ancestors(String stepId) {
    Integer position = positions.get(stepId);
    Set<String> ids = new LinkedHashSet<>();
    if (position != null) {
      BitSet found = ancestors(List.of(position));
      found.stream().forEach(ancestor -> ids.add(steps.get(ancestor).id()));
    }
    return ids;
  }

  /** {@return the names of the outputs that this step may use, with the steps that output them} */
  public Map<String, String> visibleTo(String stepId) {
    Map<String, String> visible = new LinkedHashMap<>();
    for (String ancestor : ancestors(stepId)) {
      step(ancestor).flatMap(Step::outputName).ifPresent(name -> visible.put(name, ancestor));
    }
    return visible;
  }

  /**
   * {@return the names of the outputs that the tasks of this plan step may use: what it may use
   * itself, and its own} They know {@code item.id}, {@code item.text}, {@code item.file}, {@code
   * item.phase} and {@code item.position}, too.
   */
  public Map<String, String> visibleToItems(String planStepId) {
    Map<String, String> visible = visibleTo(planStepId);
    step(planStepId).flatMap(Step::outputName).ifPresent(name -> visible.put(name, planStepId));
    return visible;
  }

  private Optional<Step> step(String id) {
    return Optional.ofNullable(positions.get(id)).map(steps::get);
  }

  private static boolean isPlan(Step step) {
    return step.action() instanceof Action.Plan;
  }

  // What follows is for the checks; steps are named by their position, because ids may be wrong.

  Optional<FirstUse> firstUse(String input) {
    return Optional.ofNullable(inputs.get(input));
  }

  Uses stepUses(int position) {
    return stepUses.get(position);
  }

  Uses templateUses(int position) {
    return templateUses.get(position);
  }

  Set<String> outputs() {
    return producers.keySet();
  }

  Optional<Step> producerOf(String output) {
    return producerPosition(output).map(steps::get);
  }

  Optional<Integer> producerPosition(String output) {
    return Optional.ofNullable(producers.get(output));
  }

  /** {@return an input or output of that name, or one that looks like a field of it} */
  Optional<String> meaningOf(String name) {
    boolean itself = producers.containsKey(name) || inputs.containsKey(name);
    return itself ? Optional.of(name) : Optional.ofNullable(dotted.get(name));
  }

  /** {@return a step whose elements are called so, or have fields that are} */
  Optional<String> goesOver(String name) {
    int dot = name.indexOf('.');
    return Optional.ofNullable(overLists.get(dot < 0 ? name : name.substring(0, dot)));
  }

  /** {@return whether some step goes over this list} */
  boolean isGoneOver(String name) {
    return lists.contains(name);
  }

  boolean isTemplateOutput(String name) {
    return templateOutputs.contains(name);
  }

  /** {@return the plan steps that make tasks from this template} */
  List<Integer> planners(String templateId) {
    return planners.getOrDefault(templateId, List.of());
  }

  /** {@return the steps whose output code of the application may look at} */
  BitSet seenByCode() {
    BitSet itself = new BitSet();
    Set<Integer> starts = new TreeSet<>();
    for (String template : readers) {
      for (int planner : planners(template)) {
        itself.set(planner);
        starts.add(planner);
      }
    }
    for (int i = 0; i < steps.size(); i++) {
      if (Uses.readsEverything(steps.get(i))) {
        starts.add(i);
      }
    }
    BitSet seen = ancestors(starts);
    seen.or(itself);
    return seen;
  }

  boolean runsCode() {
    return !readers.isEmpty() || steps.stream().anyMatch(Uses::readsEverything);
  }

  /** {@return every name that some step or template uses} */
  Set<String> used() {
    Set<String> names = new HashSet<>();
    addNames(stepUses, names);
    addNames(templateUses, names);
    return names;
  }

  private static void addNames(List<Uses> all, Set<String> names) {
    for (Uses uses : all) {
      for (Use use : uses.uses()) {
        names.add(use.name());
      }
    }
  }

  /** {@return the steps that come before any of these, without them unless there is a cycle} */
  BitSet ancestors(Collection<Integer> starts) {
    BitSet found = new BitSet();
    search(starts, found, Set.of());
    return found;
  }

  /** {@return those of {@code wanted} that do not come before this step} */
  Set<Integer> notBefore(int position, Set<Integer> wanted) {
    if (wanted.isEmpty()) {
      return Set.of();
    }
    Set<Integer> missing = new LinkedHashSet<>(wanted);
    search(List.of(position), new BitSet(), missing);
    return missing;
  }

  /** Go backwards, nearest first; stop early once all that was wanted (if anything) is found. */
  private void search(Collection<Integer> starts, BitSet found, Set<Integer> wanted) {
    boolean stops = !wanted.isEmpty();
    IntQueue queue = new IntQueue();
    for (int start : starts) {
      queue.add(start);
    }
    while (!queue.isEmpty()) {
      for (int ancestor : after[queue.remove()]) {
        if (!found.get(ancestor)) {
          found.set(ancestor);
          queue.add(ancestor);
          if (stops && wanted.remove(ancestor) && wanted.isEmpty()) {
            return;
          }
        }
      }
    }
  }

  /** Positions to visit, first in, first out, unboxed. */
  private static final class IntQueue {

    private int[] values = new int[16];
    private int head;
    private int tail;

    void add(int value) {
      if (tail == values.length) {
        values = Arrays.copyOf(values, 2 * tail);
      }
      values[tail++] = value;
    }

    int remove() {
      return values[head++];
    }

    boolean isEmpty() {
      return head == tail;
    }
  }
}
