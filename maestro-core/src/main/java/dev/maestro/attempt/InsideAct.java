package dev.maestro.attempt;

import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Template;
import dev.maestro.run.RunInput.ActResult;
import dev.maestro.run.Value;
import dev.maestro.task.Usage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Act for steps with others inside: first what those are given, and when they have ended the output
 * that is made from theirs.
 */
final class InsideAct {

  private final Tools tools;

  InsideAct(Tools tools) {
    this.tools = tools;
  }

  ActResult run(Assignment a, Action.SubPipeline sub, Values values) {
    return a.task().isOpen() ? gather(a, values) : open(a, sub, values);
  }

  private ActResult open(Assignment a, Action.SubPipeline sub, Values values) {
    Map<String, Value> inputs = new LinkedHashMap<>();
    sub.inputs().forEach((name, text) -> inputs.put(name, input(a, Template.of(text), values)));
    return new ActResult.Opened(inputs);
  }

  /** A single name hands its value on as it is. */
  private Value input(Assignment a, Template template, Values values) {
    Optional<Value> whole = template.single().flatMap(values::kept);
    return whole.orElseGet(
        () ->
            Values.keep(Values.text(template.render(a.task().step().id(), values)), tools.store()));
  }

  private ActResult gather(Assignment a, Values values) {
    Value output = Values.keep(a.gathered().assemble(values::load), tools.store());
    return new ActResult.Done(output, Usage.NONE, null);
  }
}
