package dev.maestro.attempt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Template;
import dev.maestro.run.ActResult;
import dev.maestro.run.Element;
import dev.maestro.run.Trouble;
import dev.maestro.run.Value;
import dev.maestro.task.Reason;
import dev.maestro.task.Usage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

  ActResult run(Assignment a, Values values) {
    if (a.task().isOpen()) {
      return gather(a, values);
    }
    Action action = a.task().step().action();
    return action instanceof Action.ForEach each
        ? open(each, values)
        : open(a, (Action.SubPipeline) action, values);
  }

  private static ActResult open(Action.ForEach each, Values values) {
    JsonNode json = values.load(values.kept(each.list()).orElse(Value.NULL));
    if (!json.isArray()) {
      String message = "the step goes over '" + each.list() + "', which is " + noList(json);
      return new ActResult.Failed(Trouble.of(Reason.INVALID_OUTPUT, message), Usage.NONE, null);
    }
    List<Value.Inline> elements = new ArrayList<>();
    json.forEach(element -> elements.add(new Value.Inline(element)));
    return new ActResult.Opened(Map.of(), elements);
  }

  private static String noList(JsonNode json) {
    return json.isTextual() && json.textValue().isEmpty()
        ? "empty: the step that makes it returned nothing or was skipped; give this one its 'when'"
        : "no list but " + json.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  /** The element is known inside as it is around. */
  private ActResult open(Assignment a, Action.SubPipeline sub, Values values) {
    Map<String, Value> inputs =
        new LinkedHashMap<>(a.task().element().map(Element::values).orElse(Map.of()));
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
