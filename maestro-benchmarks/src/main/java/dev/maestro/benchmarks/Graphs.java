package dev.maestro.benchmarks;

import static org.bsc.langgraph4j.action.AsyncNodeAction.node_async;

import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import java.util.Map;
import org.bsc.langgraph4j.CompileConfig;
import org.bsc.langgraph4j.CompiledGraph;
import org.bsc.langgraph4j.GraphStateException;
import org.bsc.langgraph4j.StateGraph;
import org.bsc.langgraph4j.checkpoint.MemorySaver;
import org.bsc.langgraph4j.state.AgentState;

/** Steps that do nothing, as the peers that orchestrate agents have them. */
final class Graphs {

  private static final int MARGIN = 10;

  private Graphs() {}

  /** LangGraph4j without a checkpoint saver: nodes that wait each for the one before. */
  static CompiledGraph<AgentState> langGraphChain(int steps) throws GraphStateException {
    StateGraph<AgentState> graph = new StateGraph<>(AgentState::new);
    for (int i = 0; i < steps; i++) {
      addNode(graph, "step-" + i);
      graph.addEdge(i == 0 ? StateGraph.START : "step-" + (i - 1), "step-" + i);
    }
    graph.addEdge("step-" + (steps - 1), StateGraph.END);
    return compiled(graph, steps);
  }

  /** LangGraph4j: a node, so many branches from it, and one where they meet. */
  static CompiledGraph<AgentState> langGraphFanOut(int width) throws GraphStateException {
    StateGraph<AgentState> graph = new StateGraph<>(AgentState::new);
    addNode(graph, "first");
    addNode(graph, "last");
    graph.addEdge(StateGraph.START, "first");
    for (int i = 0; i < width; i++) {
      addNode(graph, "step-" + i);
      graph.addEdge("first", "step-" + i);
      graph.addEdge("step-" + i, "last");
    }
    graph.addEdge("last", StateGraph.END);
    return compiled(graph, width);
  }

  /** LangGraph4j with a saver in memory: a node, and one that waits to be told to go on. */
  static CompiledGraph<AgentState> langGraphInterrupted() throws GraphStateException {
    StateGraph<AgentState> graph = new StateGraph<>(AgentState::new);
    addNode(graph, "first");
    addNode(graph, "last");
    graph.addEdge(StateGraph.START, "first");
    graph.addEdge("first", "last");
    graph.addEdge("last", StateGraph.END);
    return graph.compile(
        CompileConfig.builder().checkpointSaver(new MemorySaver()).interruptBefore("last").build());
  }

  private static void addNode(StateGraph<AgentState> graph, String id) throws GraphStateException {
    graph.addNode(id, node_async(state -> Map.of()));
  }

  private static CompiledGraph<AgentState> compiled(StateGraph<AgentState> graph, int steps)
      throws GraphStateException {
    return graph.compile(CompileConfig.builder().recursionLimit(steps + MARGIN).build());
  }

  /** LangChain4j: actions one after another, in one call. */
  static UntypedAgent langChainSequence(int steps) {
    return AgenticServices.sequenceBuilder().subAgents(actions(steps)).build();
  }

  /** LangChain4j: actions side by side, on its own executor. */
  static UntypedAgent langChainParallel(int width) {
    return AgenticServices.parallelBuilder().subAgents(actions(width)).build();
  }

  private static Object[] actions(int count) {
    Object[] actions = new Object[count];
    for (int i = 0; i < count; i++) {
      actions[i] = AgenticServices.agentAction(() -> {});
    }
    return actions;
  }
}
