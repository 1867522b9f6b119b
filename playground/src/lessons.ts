// The examples, in the order in which they teach. All of them ask the demo's data.

export interface Lesson {
  /** Stable: links name it. */
  id: string;
  title: string;
  query: string;
  /** What is to be seen. */
  text: string;
  /** Shown at one instant rather than over a range. */
  instant?: boolean;
  /** Length of the range; all six hours if absent. */
  range?: number;
  tab?: 'graph' | 'heat' | 'table';
}

export interface Chapter {
  title: string;
  lessons: readonly Lesson[];
}

const HOUR = 3_600_000;

export const CHAPTERS: readonly Chapter[] = [
  {
    title: 'Selectors',
    lessons: [
      {
        id: 'metric',
        title: 'All series of a metric',
        query: 'churn_api_requests_total',
        text: 'A name alone selects every series that has it. Counters only rise, until a restart sends them back to 0: see 09:30.',
      },
      {
        id: 'labels',
        title: 'Only with these labels',
        query: 'churn_api_requests_total{method="POST", path="/predict", status="200"}',
        text: 'Matchers in braces must all hold. What is left: one series for each instance.',
      },
      {
        id: 'patterns',
        title: 'By pattern',
        query: 'churn_api_requests_total{path=~"/predict.*", status!~"2.."}',
        text: '=~ and !~ match the whole value against a regular expression.',
      },
      {
        id: 'window',
        title: 'The samples themselves',
        query: 'up[2m]',
        text: 'A duration in brackets selects all samples of a window: the raw material of the functions to come.',
        instant: true,
        tab: 'table',
      },
    ],
  },
  {
    title: 'Rate',
    lessons: [
      {
        id: 'rate',
        title: 'How fast a counter rises',
        query: 'rate(churn_api_predictions_total[5m])',
        text: 'Per second, averaged over five minutes; restarts are accounted for. The gap is an instance that hung.',
      },
      {
        id: 'increase',
        title: 'How much in an hour',
        query: 'increase(churn_api_predictions_total[1h])',
        text: 'increase is rate times the length of the window.',
      },
      {
        id: 'threshold',
        title: 'Only what matters',
        query: 'rate(missing_features_total[15m]) > 0',
        text: 'A comparison keeps the series for which it holds; the others vanish.',
      },
    ],
  },
  {
    title: 'Aggregation',
    lessons: [
      {
        id: 'sum',
        title: 'All together',
        query: 'sum(rate(churn_api_requests_total[5m]))',
        text: 'First rate, then sum: the other way round, restarts would be taken for traffic.',
      },
      {
        id: 'sum-by',
        title: 'By path',
        query: 'sum by (path) (rate(churn_api_requests_total[5m]))',
        text: 'by keeps a label. Try "Stacked": the whole is the traffic of the service.',
      },
      {
        id: 'topk',
        title: 'The three largest',
        query: 'topk(3, sum by (path, status) (rate(churn_api_requests_total[5m])))',
        text: 'At every step anew, so more than three series can appear.',
      },
      {
        id: 'drift',
        title: 'Above a threshold',
        query: 'max by (instance) (churn_data_drift_score) > 0.3',
        text: 'Data drifts towards the end, on one instance after the other.',
      },
    ],
  },
  {
    title: 'Percentiles',
    lessons: [
      {
        id: 'p95',
        title: 'p95 latency by path',
        query: 'histogram_quantile(\n  0.95,\n  sum by (le, path) (rate(churn_api_request_latency_seconds_bucket[5m]))\n)',
        text: 'From the buckets of a classic histogram; le has to stay. A burst at 10:50, and then the regression at the end.',
      },
      {
        id: 'mean',
        title: 'Mean latency',
        query: 'sum by (path) (rate(churn_api_request_latency_seconds_sum[5m]))\n  /\nsum by (path) (rate(churn_api_request_latency_seconds_count[5m]))',
        text: 'Seconds per second over requests per second. A mean hides what a percentile shows.',
      },
      {
        id: 'buckets',
        title: 'All buckets as a heat map',
        query: 'sum by (le) (rate(churn_api_request_latency_seconds_bucket{path="/predict"}[5m]))',
        text: 'Dark is where the requests are. The band moves up when predictions become slow.',
        tab: 'heat',
      },
      {
        id: 'native',
        title: 'A native histogram',
        query: 'sum(rate(churn_api_request_latency_seconds{path="/predict"}[5m]))',
        text: 'One series holds all buckets, finer ones, and no le is needed.',
        tab: 'heat',
      },
      {
        id: 'native-p99',
        title: 'p99 from native histograms',
        query: 'histogram_quantile(0.99, sum by (path) (rate(churn_api_request_latency_seconds[5m])))',
        text: 'The same function, without buckets and le.',
      },
    ],
  },
  {
    title: 'Error rate',
    lessons: [
      {
        id: 'errors',
        title: 'Share of failed requests',
        query: 'sum(rate(churn_api_requests_total{status=~"5.."}[5m]))\n  /\nsum(rate(churn_api_requests_total[5m])) * 100',
        text: 'In percent. Click the division in the plan, then its two sides, to see what is divided.',
      },
      {
        id: 'errors-by-path',
        title: 'The same by path',
        query: 'sum by (path) (rate(churn_api_requests_total{status=~"5.."}[5m]))\n  /\nsum by (path) (rate(churn_api_requests_total[5m])) * 100',
        text: 'Series with equal labels meet; a path without a partner is dropped.',
      },
      {
        id: 'memory',
        title: 'Memory in use',
        query: 'container_memory_usage_bytes / container_memory_limit_bytes * 100',
        text: 'Gauges need no rate.',
      },
    ],
  },
  {
    title: 'Joins',
    lessons: [
      {
        id: 'info',
        title: 'A label from an info metric',
        query: 'avg by (instance) (churn_api_model_confidence)\n  * on (instance) group_left (version)\nchurn_api_model_info',
        text: 'The info metric is always 1, so the product only brings its label. The deploy changes it, and with it the series.',
      },
      {
        id: 'by-version',
        title: 'Predictions by model version',
        query: 'sum by (version) (\n    rate(churn_api_predictions_total[5m])\n  * on (instance) group_left (version)\n    churn_api_model_info\n)',
        text: 'Join first, then aggregate by the label that was joined. Try "Stacked".',
      },
    ],
  },
  {
    title: 'Prediction',
    lessons: [
      {
        id: 'predict',
        title: 'In an hour',
        query: 'predict_linear(container_memory_usage_bytes[1h], 3600)',
        text: 'A straight line through the last hour, followed for 3600 seconds more.',
      },
      {
        id: 'offset',
        title: 'Compared with an hour ago',
        query: 'sum(rate(churn_api_requests_total[5m]))\n  /\nsum(rate(churn_api_requests_total[5m] offset 1h))',
        text: 'offset looks back. Above 1: more than an hour before.',
        range: 5 * HOUR,
      },
    ],
  },
  {
    title: 'When it is wrong',
    lessons: [
      {
        id: 'mistake',
        title: 'A mistake, underlined',
        query: 'sum by (path (rate(churn_api_requests_total[5m]))',
        text: 'The message says where and what was expected. Mend it: the graph comes back by itself.',
      },
      {
        id: 'annotation',
        title: 'A doubtful question',
        query: 'rate(active_users[5m])',
        text: 'It has an answer, but a gauge has no rate; the engine says so, at its place.',
      },
      {
        id: 'empty',
        title: 'An empty answer',
        query: 'rate(churn_api_request_total[5m])',
        text: 'Not an error: no series has that name. The Data panel knows which names there are.',
      },
    ],
  },
];

export const LESSONS: readonly Lesson[] = CHAPTERS.flatMap((chapter) => chapter.lessons);

/** What the page opens with. */
export const OPENING = 'p95';
