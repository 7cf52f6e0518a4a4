import { handleProjectReports } from '../messaging/project-reports.ts';
import { streamConsumer } from '../messaging/stream.ts';

export const handler = streamConsumer(handleProjectReports);
